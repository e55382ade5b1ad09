import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Who holds a directory, and who started it. */
interface Holder {
  readonly process: ProcessIdentity;
  readonly supervisor: ProcessIdentity | null;
}

export interface DirectoryLockOptions {
  /** True when this process was started by a supervisor and ends with it. */
  readonly supervised: boolean;
  /** How long an orphan may take to end by itself before it is killed. */
  readonly orphanDeadlineMilliseconds?: number;
}

const SQLITE_BUSY = 5;
const OWNER = 'owner.json';

/** A directory that this process alone uses. The system gives it back when the process ends, however it ends. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes a directory for this process; undefined when another one has it. A holder whose supervisor was killed is about to end by
 * itself: it is waited for, and killed after the deadline.
 */
export async function lockDirectory(directory: string, options: DirectoryLockOptions): Promise<DirectoryLock | undefined> {
  mkdirSync(directory, { recursive: true });
  const deadline = options.orphanDeadlineMilliseconds ?? 10_000;
  for (let waited = 0; ; waited += 50) {
    const lock = tryLock(join(directory, 'lock'));
    if (lock !== undefined) {
      const supervisor = options.supervised ? (identityOf(process.ppid) ?? null) : null;
      writeFileSync(join(directory, OWNER), JSON.stringify({ process: identityOf(process.pid), supervisor }));
      return lock;
    }
    const holder = readHolder(join(directory, OWNER));
    if (holder !== undefined && !isOrphan(holder)) return undefined;
    if (waited >= deadline && (holder === undefined || !isAlive(holder.process) || waited >= 2 * deadline)) return undefined;
    if (waited >= deadline && holder !== undefined) process.kill(holder.process.pid, 'SIGKILL');
    await sleep(50);
  }
}

/** The number of the process that says it holds a directory. */
export function holderOf(directory: string): number | undefined {
  return readHolder(join(directory, OWNER))?.process.pid;
}

/** A lock of the operating system on a file: SQLite is the one way to it in Node without a native add-on. */
function tryLock(file: string): DirectoryLock | undefined {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

function isOrphan({ supervisor }: Holder): boolean {
  return supervisor !== null && !isAlive(supervisor);
}

function readHolder(file: string): Holder | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch (error) {
    // Its owner is writing it just now.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
