import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How a program ended. */
export interface Ran {
  /** Null when it did not end by itself: its time was over, or it could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** It is killed after so long. Default one minute. */
  readonly seconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads on its input; nothing otherwise. */
  readonly input?: Readable;
  readonly directory?: string;
  /** Ends it when it is aborted; a program that would begin after that is not started. */
  readonly signal?: AbortSignal;
}

/** What a program that is interrupted may take to put things in order. */
const GRACE_MILLISECONDS = 10_000;

/** Of what a program prints, the newest so many characters are kept. */
const KEPT_CHARACTERS = 256 * 1024;

/** Runs a program to its end; never rejects. */
export function run(program: string, argv: readonly string[], { seconds = 60, environment = {}, input, directory, signal }: RunOptions = {}): Promise<Ran> {
  if (signal?.aborted === true) return Promise.resolve({ code: null, stdout: '', stderr: 'interrupted' });
  return new Promise((done) => {
    // In a group of its own: a terminal's Ctrl+C reaches this program alone, which ends the others in order, with what they have started.
    const child = spawn(program, argv, { cwd: directory, env: { ...process.env, ...environment }, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'], detached: true });
    const end = (how: NodeJS.Signals): void => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, how);
    };
    const kept = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => (kept[name] = (kept[name] + text).slice(-KEPT_CHARACTERS)));
    }
    if (input !== undefined && child.stdin !== null) {
      // A reader that ends early says by its code why.
      child.stdin.on('error', () => undefined);
      input.pipe(child.stdin);
    }
    const timers = [setTimeout(() => end('SIGKILL'), seconds * 1_000)];
    const interrupt = (): void => {
      end('SIGTERM');
      timers.push(setTimeout(() => end('SIGKILL'), GRACE_MILLISECONDS));
    };
    signal?.addEventListener('abort', interrupt);
    const ended = (ran: Ran): void => {
      signal?.removeEventListener('abort', interrupt);
      for (const timer of timers) clearTimeout(timer);
      done(ran);
    };
    child.once('error', (error) => ended({ code: null, stdout: kept.stdout, stderr: error.message }));
    child.once('close', (code) => ended({ code, ...kept }));
  });
}

/** The last lines of a text. */
export function tail(text: string, lines = 12): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
