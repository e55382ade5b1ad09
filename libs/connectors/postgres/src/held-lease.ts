import type { Catalog, Lease } from './catalog.ts';
import { WeirError } from '@weir/model';

/** Long enough to outlast a pause, short enough that a successor need not wait. */
const LEASE_MILLISECONDS = 10_000;
const RENEW_MILLISECONDS = 2_000;

export interface HeldLeaseOptions {
  readonly catalog: Pick<Catalog, 'acquireLease' | 'renewLease' | 'releaseLease'>;
  readonly task: string;
  readonly owner: string;
  readonly warn: (message: string) => void;
  /** Milliseconds that only grow, also while the process is paused. */
  readonly monotonic?: () => number;
}

/**
 * A lease that is renewed while it is held. How long it is good for is counted on the monotonic clock from before the request, so a
 * process that was paused knows that its time is over before it writes again.
 */
export class HeldLease {
  readonly #options: HeldLeaseOptions;
  readonly #lease: Lease;
  readonly #monotonic: () => number;
  #goodUntil: number;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;

  private constructor(options: HeldLeaseOptions, lease: Lease, goodUntil: number) {
    this.#options = options;
    this.#lease = lease;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#goodUntil = goodUntil;
  }

  /** Throws LEASE_HELD. */
  static async take(options: HeldLeaseOptions): Promise<HeldLease> {
    const before = (options.monotonic ?? (() => performance.now()))();
    const lease = await options.catalog.acquireLease(options.task, options.owner, LEASE_MILLISECONDS);
    return new HeldLease(options, lease, before + LEASE_MILLISECONDS);
  }

  get epoch(): number {
    return this.#lease.epoch;
  }

  /** Renews it from now on. Never resolves; rejects when it is lost, or ran out because it could not be renewed. */
  keep(): Promise<never> {
    return new Promise((_, reject) => {
      this.#timer = setInterval(() => {
        this.#renew().catch((error: unknown) => {
          if (this.isGood && !isLost(error)) this.#options.warn(`The lease of ${this.#lease.task} was not renewed, and is tried again: ${String(error)}`);
          else reject(error);
        });
      }, RENEW_MILLISECONDS);
    });
  }

  /** True while nobody else can have it, as far as this process's clock tells. */
  get isGood(): boolean {
    return this.#monotonic() < this.#goodUntil;
  }

  /** Resolves while it is held for sure. Rejects with LEASE_LOST when another has taken over. */
  async assure(): Promise<void> {
    if (!this.isGood) await this.#renew();
  }

  /** Renews it no more. */
  forget(): void {
    clearInterval(this.#timer);
  }

  async release(): Promise<void> {
    this.forget();
    await this.#options.catalog.releaseLease(this.#lease);
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewNow().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renewNow(): Promise<void> {
    const before = this.#monotonic();
    await this.#options.catalog.renewLease(this.#lease, LEASE_MILLISECONDS);
    this.#goodUntil = before + LEASE_MILLISECONDS;
  }
}

function isLost(error: unknown): boolean {
  return error instanceof WeirError && error.code === 'LEASE_LOST';
}
