import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf, hasEnded, identityOf } from './process-identity.ts';

const DEADLINE_MILLISECONDS = 15_000;

/**
 * Stops a Postgres that outlived a starter which was killed: the one that postmaster.pid in our own directory names, and only if it
 * is a Postgres that was started on this very directory (the file may have come here with a copy). Resolves when it has ended;
 * answers whether there was one.
 */
export async function endOrphan(cluster: string): Promise<boolean> {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const [pidLine = '', directory = ''] = readFileSync(file, 'utf8').split('\n');
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 1 || !isSamePath(directory, cluster)) return false;
  const orphan = identityOf(pid);
  const command = commandLineOf(pid);
  if (orphan === undefined || !command.includes('postgres') || !command.includes(directory)) return false;
  // SIGINT is a fast shutdown: sessions are ended, everything is written. SIGQUIT leaves the rest to recovery.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    if (await hasEnded(orphan, DEADLINE_MILLISECONDS)) return true;
  }
  throw new Error(`process ${pid} of a former run does not end: stop it`);
}

function isSamePath(one: string, other: string): boolean {
  return existsSync(one) && realpathSync(one) === realpathSync(other);
}
