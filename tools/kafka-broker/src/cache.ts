import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Beside the installed packages: what is fetched or made once for all brokers of this machine. */
const directory = resolve(import.meta.dirname, '../../../node_modules/.cache/weir-kafka');
const lock = join(directory, 'lock');

const WAIT_MILLISECONDS = 250;
/** A lock that is older was left by a process that is gone. */
const STALE_MILLISECONDS = 10 * 60_000;

/** The path of something that depends on these texts and no others; made by `make` when it is not there. Processes that ask at the same time wait for the one that makes it. */
export async function cached(texts: readonly string[], suffix: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(directory, `${createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16)}${suffix}`);
  while (!existsSync(path)) {
    if (!takeLock()) {
      await sleep(WAIT_MILLISECONDS);
      continue;
    }
    try {
      if (!existsSync(path)) await make(path);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return path;
}

function takeLock(): boolean {
  mkdirSync(directory, { recursive: true });
  try {
    mkdirSync(lock);
    return true;
  } catch {
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > STALE_MILLISECONDS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}
