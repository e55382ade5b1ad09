import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** One process, told from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as the system words it. */
  readonly started: string;
}

/** The identity of a living process; undefined when there is none with this number. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** True while the very process lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return startOf(identity.pid) === identity.started;
}

/** The command line of a living process; empty when there is none. */
export function commandLineOf(pid: number): string {
  if (process.platform !== 'linux') return fromPs(pid, 'command=');
  return (readProcess(pid, 'cmdline') ?? '').replaceAll('\0', ' ').trim();
}

/** Resolves true when the process has ended, false when the deadline has passed. */
export async function hasEnded(identity: ProcessIdentity, deadlineMilliseconds: number): Promise<boolean> {
  for (let waited = 0; isAlive(identity); waited += 25) {
    if (waited >= deadlineMilliseconds) return false;
    await sleep(25);
  }
  return true;
}

function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return fromPs(pid, 'lstart=') || undefined;
  const stat = readProcess(pid, 'stat');
  if (stat === undefined) return undefined;
  // Behind the name, which may hold anything: the state is the first field, the start the twentieth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

function readProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return undefined;
    throw error;
  }
}

function fromPs(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch (error) {
    // ps exits with 1 when there is no such process.
    if (error instanceof Error && 'status' in error && error.status === 1) return '';
    throw error;
  }
}
