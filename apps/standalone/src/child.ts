import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { WeirError } from '@weir/model';

/** How long a child may take for its final checkpoint before it is killed. */
const STOP_DEADLINE_MILLISECONDS = 20_000;
const TAIL_LINES = 12;

export interface ChildOptions {
  readonly name: string;
  /** The program's main file. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Everything the child prints goes here. */
  readonly logFile: string;
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One process of the platform under this supervisor. It ends with its parent, because its IPC channel closes. */
export class Child {
  readonly name: string;
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;
  readonly #tail: string[] = [];
  readonly #logFile: string;
  readonly #listeners = new Set<(message: unknown) => void>();
  #ended: ChildExit | undefined;
  #stopping = false;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#logFile = options.logFile;
    mkdirSync(dirname(options.logFile), { recursive: true });
    const log = createWriteStream(options.logFile, { flags: 'a' });
    // Its own process group: Ctrl-C in a terminal then reaches the supervisor alone, which stops its children in order.
    this.#process = fork(options.entry, options.args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [...(options.nodeOptions ?? [])],
      env: { ...process.env, ...options.environment },
    });
    this.#keep(this.#process.stdout, log);
    this.#keep(this.#process.stderr, log);
    this.#process.on('message', (message: unknown) => {
      for (const listener of this.#listeners) listener(message);
    });
    this.exited = new Promise((resolve) => {
      this.#process.once('error', (error) => this.#tail.push(error.message));
      this.#process.once('close', (code, signal) => {
        log.end();
        this.#ended = { code, signal };
        resolve(this.#ended);
      });
    });
  }

  get running(): boolean {
    return this.#ended === undefined;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#listeners.add(listener);
  }

  /** The first message that `pick` turns into something; fails with the child's own last words if it ends before. */
  waitFor<T>(pick: (message: unknown) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const listener = (message: unknown): void => {
        const picked = pick(message);
        if (picked === undefined) return;
        this.#listeners.delete(listener);
        resolve(picked);
      };
      this.#listeners.add(listener);
      void this.exited.then((exit) => reject(this.failure(exit)));
    });
  }

  /** Resolves when the child ended well; fails with its last words otherwise. */
  async finished(): Promise<void> {
    const exit = await this.exited;
    if (exit.code !== 0) throw this.failure(exit);
  }

  /** SIGTERM, and SIGKILL when the deadline has passed. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.#stopping = true;
    this.#process.kill('SIGTERM');
    const deadline = setTimeout(() => this.#process.kill('SIGKILL'), STOP_DEADLINE_MILLISECONDS);
    await this.exited;
    clearTimeout(deadline);
  }

  /** True when its end was asked for. */
  get stopping(): boolean {
    return this.#stopping;
  }

  failure(exit: ChildExit): WeirError {
    const how = exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`;
    const words = this.#tail.length === 0 ? '' : ` Its last words:\n${this.#tail.map((line) => `    ${line}`).join('\n')}\n`;
    return new WeirError('CHILD_FAILED', `The ${this.name} process ended ${how}.${words}`, {
      remedy: `Its whole output is in ${this.#logFile}.`,
    });
  }

  #keep(stream: NodeJS.ReadableStream | null, log: WriteStream): void {
    let rest = '';
    stream?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      this.#tail.push(...lines.filter((line) => line.trim() !== ''));
      this.#tail.splice(0, Math.max(0, this.#tail.length - TAIL_LINES));
    });
  }
}
