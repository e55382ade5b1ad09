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
}

/** Of what a program prints, the newest so many characters are kept. */
const KEPT_CHARACTERS = 256 * 1024;

/** Runs a program to its end; never rejects. */
export function run(program: string, argv: readonly string[], { seconds = 60, environment = {}, input, directory }: RunOptions = {}): Promise<Ran> {
  return new Promise((done) => {
    const child = spawn(program, argv, { cwd: directory, env: { ...process.env, ...environment }, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    const kept = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => (kept[name] = (kept[name] + text).slice(-KEPT_CHARACTERS)));
    }
    if (input !== undefined && child.stdin !== null) {
      // A reader that ends early says by its code why.
      child.stdin.on('error', () => undefined);
      input.pipe(child.stdin);
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1_000);
    child.once('error', (error) => {
      clearTimeout(timer);
      done({ code: null, stdout: kept.stdout, stderr: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      done({ code, ...kept });
    });
  });
}

/** The last lines of a text. */
export function tail(text: string, lines = 12): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
