import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './program.ts';

const POLL_MILLISECONDS = 50;
/** A program that ends by itself is started again after this. */
const RESTART_MILLISECONDS = 300;

/** One program that is kept running: whenever it ends, however it does, it is started again. */
export class Supervised {
  readonly name: string;
  /** How its attempts ended, those that were killed apart. */
  readonly ends: string[] = [];
  readonly #start: () => Program;
  #program: Program;
  #readyAt: number | undefined;
  #stopping = false;

  constructor(name: string, start: () => Program) {
    this.name = name;
    this.#start = start;
    this.#program = this.#begin();
  }

  get program(): Program {
    return this.#program;
  }

  get isReady(): boolean {
    return this.#readyAt !== undefined && this.#program.isRunning;
  }

  /** When the present attempt said that it is ready; undefined before. */
  get readyAt(): number | undefined {
    return this.#readyAt;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#program.stop();
  }

  #begin(): Program {
    const program = this.#start();
    this.#readyAt = undefined;
    program.told<boolean>('ready').then(
      () => (this.#readyAt = performance.now()),
      () => undefined,
    );
    void program.exited.then(async ({ code, signal }) => {
      if (this.#stopping) return;
      if (signal !== 'SIGKILL') this.ends.push(`${this.name} ended with ${signal ?? code}: ${program.words.split('\n').at(-1) ?? ''}`);
      await sleep(RESTART_MILLISECONDS);
      if (!this.#stopping) this.#program = this.#begin();
    });
    return program;
  }
}

/** Resolves with the replica that works: the one that said last that it is ready. */
export async function working(replicas: readonly Supervised[], milliseconds: number): Promise<Supervised> {
  for (const until = performance.now() + milliseconds; ; await sleep(POLL_MILLISECONDS)) {
    const ready = replicas.filter(({ isReady }) => isReady).sort((a, b) => b.readyAt! - a.readyAt!)[0];
    if (ready !== undefined) return ready;
    if (performance.now() > until) throw new Error(`None of ${replicas.map(({ name }) => name).join(', ')} works after ${milliseconds} ms. Their last words:\n${replicas.map(({ program }) => program.words).join('\n')}`);
  }
}
