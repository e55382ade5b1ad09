import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, without a slash at its end. */
export const repositoryRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** How a program ended, and what it printed where that was kept. */
export interface ProgramRun {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a script with the Node that runs this; its output is shown as it comes, or kept. */
export function runProgram(argv: readonly string[], output: 'show' | 'keep', env: NodeJS.ProcessEnv = {}): Promise<ProgramRun> {
  const bin = join(repositoryRoot, 'node_modules', '.bin');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, {
      cwd: repositoryRoot,
      stdio: output === 'show' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const stop = (signal: NodeJS.Signals): boolean => child.kill(signal);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve({ exitCode: code ?? 130, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
