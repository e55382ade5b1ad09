import type { OperatorRequest, RequestAnswer, RequestPolicy } from '@weir/model';
import { Jitter } from './jitter.ts';
import type { Lookup } from './lookup.ts';
import type { Waits } from './waits.ts';

/** Asks the requests of one step: so many at once, each with a timeout and a number of attempts. */
export class Requester {
  readonly #policy: RequestPolicy;
  readonly #lookup: Lookup;
  readonly #waits: Waits;
  readonly #jitter: Jitter;
  readonly #closing = new AbortController();
  #underWay = 0;
  #settled: RequestAnswer[] = [];
  #onSettled: (() => void) | undefined;

  /** `seed` decides the chance in the pauses. */
  constructor(policy: RequestPolicy, lookup: Lookup, waits: Waits, seed: string) {
    this.#policy = policy;
    this.#lookup = lookup;
    this.#waits = waits;
    this.#jitter = new Jitter(seed);
  }

  /** How many more may be asked now. */
  get free(): number {
    return this.#policy.concurrency - this.#underWay;
  }

  /** Requests that have no answer yet. */
  get underWay(): number {
    return this.#underWay;
  }

  ask({ id, request }: OperatorRequest): void {
    this.#underWay++;
    void this.#attempts(request).then((outcome) => {
      this.#underWay--;
      if (this.#closing.signal.aborted) return;
      this.#settled.push({ id, ...outcome });
      this.#onSettled?.();
    });
  }

  /** Takes what has come in, in the order of coming. */
  settled(): readonly RequestAnswer[] {
    const { length } = this.#settled;
    return length === 0 ? NONE : this.#settled.splice(0, length);
  }

  /** Resolves when something has come in; at once when something has. */
  async arrival(): Promise<void> {
    if (this.#settled.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
    });
    this.#onSettled = undefined;
  }

  /** Gives up what is under way; it has no answers. */
  close(): void {
    this.#closing.abort();
  }

  async #attempts(request: unknown): Promise<Omit<RequestAnswer, 'id'>> {
    const { attempts } = this.#policy;
    for (let attempt = 1; ; attempt++) {
      try {
        return { failed: false, json: await this.#attempt(request, attempt) };
      } catch (error) {
        if (attempt >= attempts || this.#closing.signal.aborted) return { failed: true, json: JSON.stringify(error instanceof Error ? error.message : String(error)) };
      }
      await this.#pause(attempt);
    }
  }

  /** The answer as JSON; rejects when it takes too long, fails or is not what it should be. */
  async #attempt(request: unknown, attempt: number): Promise<string> {
    const { timeout, check } = this.#policy;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#closing.signal]);
    const waiting = this.#waits.wait(timeout, signal).then(
      () => {
        throw new Error(`No answer within ${timeout} ms.`);
      },
      () => {
        throw new Error('Given up.');
      },
    );
    // Nobody is told of the one that loses.
    waiting.catch(() => undefined);
    try {
      const answer = await Promise.race([Promise.resolve().then(() => this.#lookup(request, { signal, attempt })), waiting]);
      const json = JSON.stringify(answer ?? null) ?? 'null';
      check?.(JSON.parse(json));
      return json;
    } finally {
      over.abort();
    }
  }

  async #pause(attempt: number): Promise<void> {
    const { first, most } = this.#policy.backoff;
    const pause = this.#jitter.of(Math.min(most, first * 2 ** (attempt - 1)));
    await this.#waits.wait(pause, this.#closing.signal).catch(() => undefined);
  }
}

const NONE: readonly RequestAnswer[] = Object.freeze([]);
