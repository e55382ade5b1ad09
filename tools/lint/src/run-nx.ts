import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, without a slash at its end. */
export const repositoryRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** What a run printed and how it ended. */
export interface NxRun {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Runs one nx target without the daemon, by the Node that runs this.
 * With `show` its output goes to the terminal, else it is collected.
 */
export function runNx(target: string, args: readonly string[], show: boolean): NxRun {
  const nx = join(repositoryRoot, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  const bin = join(repositoryRoot, 'node_modules', '.bin');
  const run = spawnSync(process.execPath, [nx, 'run', target, ...args], {
    cwd: repositoryRoot,
    stdio: show ? 'inherit' : 'pipe',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  if (run.error !== undefined) throw run.error;
  return { exitCode: run.status ?? 1, output: show ? '' : `${run.stdout}${run.stderr}` };
}
