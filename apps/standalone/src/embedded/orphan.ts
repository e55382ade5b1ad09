import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MILLISECONDS = 15_000;

/**
 * Stops a Postgres that outlived a supervisor which was killed: the one whose postmaster.pid is in our own directory, and only if
 * that process really is a Postgres on this directory. Resolves when it has ended.
 */
export async function endOrphan(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const [pidLine = '', directory = ''] = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 1 || !isPostgresOn(pid, directory)) return;
  // SIGINT is a fast shutdown: sessions are ended, everything is written.
  process.kill(pid, 'SIGINT');
  for (let waited = 0; isPostgresOn(pid, directory); waited += 50) {
    if (waited > DEADLINE_MILLISECONDS) throw new Error(`Process ${pid} of a former run does not end; stop it, then start again.`);
    await sleep(50);
  }
}

function isPostgresOn(pid: number, directory: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes('postgres') && command.includes(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return false;
    throw error;
  }
}
