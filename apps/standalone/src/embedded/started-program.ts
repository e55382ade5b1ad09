import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** How a program ended, and what it had said on its error output. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
}

/** For tests: one of the server programs, as a child of this process or of a supervisor that can be killed. */
export class StartedProgram {
  readonly ended: Promise<ProgramEnd>;
  /** What it says when it is ready. */
  readonly ready: Promise<{ readonly port: number; readonly url?: string }>;
  readonly #process: ChildProcess;

  constructor(file: string, args: readonly string[]) {
    let errors = '';
    this.#process = fork(join(import.meta.dirname, file), args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    this.#process.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    // Not `close`, which does not come when this side has closed the channel; so what was said last is awaited by its own stream.
    const said = new Promise((resolve) => this.#process.stderr!.once('close', resolve));
    this.ended = new Promise((resolve) => this.#process.once('exit', (code, signal) => void said.then(() => resolve({ code, signal, errors }))));
    this.ready = new Promise((resolve, reject) => {
      this.#process.once('message', (message) => resolve(message as { port: number }));
      void this.ended.then((end) => reject(new Error(`${file} ended with ${end.code ?? end.signal}: ${end.errors}`)));
    });
    this.ready.catch(() => undefined);
  }

  get pid(): number {
    return this.#process.pid!;
  }

  async end(signal: NodeJS.Signals): Promise<ProgramEnd> {
    this.#process.kill(signal);
    return this.ended;
  }

  /** Closes the channel, as the death of the parent does. */
  orphan(): Promise<ProgramEnd> {
    this.#process.disconnect();
    return this.ended;
  }
}
