import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { WeirError } from '@weir/model';

const ROOT = resolve(import.meta.dirname, '../../..');
const TAIL_LINES = 20;
const STOP_MILLISECONDS = 20_000;

const ENTRIES = {
  clickhouse: 'apps/standalone/src/embedded/clickhouse-server.ts',
  postgres: 'apps/standalone/src/embedded/postgres-server.ts',
  generator: 'apps/generator/src/main.ts',
  speed: 'apps/speed/src/main.ts',
  reprocessor: 'apps/reprocessor/src/main.ts',
  cli: 'apps/cli/src/main.ts',
  serving: 'apps/serving/src/main.ts',
} as const;

/** The programs that a trial may start. */
export type ProgramName = keyof typeof ENTRIES;

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program of Weir as a process of its own; it does not outlive the one that started it. */
export class Program {
  readonly name: ProgramName;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #tail: string[] = [];
  readonly #messages: unknown[] = [];
  readonly #listeners = new Set<(message: unknown) => void>();
  #exit: Exit | undefined;

  constructor(name: ProgramName, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.name = name;
    const child = fork(resolve(ROOT, ENTRIES[name]), [...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [], env: { ...process.env, ...environment } });
    this.#child = child;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => this.#keep(chunk.toString()));
    child.on('message', (message) => {
      this.#messages.push(message);
      for (const listener of this.#listeners) listener(message);
    });
    this.exited = new Promise((resolveExit) => {
      child.once('close', (code, signal) => {
        running.delete(child);
        this.#exit = { code, signal };
        resolveExit(this.#exit);
      });
    });
  }

  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  /** Its last words. */
  get words(): string {
    return this.#tail.join('\n');
  }

  /** Everything that it has told so far. */
  get messages(): readonly unknown[] {
    return this.#messages;
  }

  /** The field of the first message that has it. Fails with the last words when the program ends before. */
  told<T>(field: string): Promise<T> {
    return new Promise((answer, refuse) => {
      const listener = (message: unknown): void => {
        const value = (message as Record<string, T | undefined>)[field];
        if (value === undefined) return;
        this.#listeners.delete(listener);
        answer(value);
      };
      for (const message of this.#messages) listener(message);
      this.#listeners.add(listener);
      void this.exited.then(() => refuse(this.#failure()));
    });
  }

  /** Resolves when it ended with 0. */
  async finished(): Promise<void> {
    const { code } = await this.exited;
    if (code !== 0) throw this.#failure();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it without notice. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Asks it to end, also when it was paused; after a while it is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.#exit !== undefined) return this.#exit;
    this.signal('SIGCONT');
    this.signal(signal);
    const deadline = setTimeout(() => this.signal('SIGKILL'), STOP_MILLISECONDS);
    const exit = await this.exited;
    clearTimeout(deadline);
    return exit;
  }

  #failure(): WeirError {
    return new WeirError('TRIAL_PROGRAM', `The ${this.name} ended with ${this.#exit?.signal ?? this.#exit?.code}:\n${this.words}\n`, { remedy: 'Read its last words above.' });
  }

  #keep(text: string): void {
    this.#tail.push(...text.split('\n').filter((line) => line.trim() !== ''));
    this.#tail.splice(0, Math.max(0, this.#tail.length - TAIL_LINES));
  }
}
