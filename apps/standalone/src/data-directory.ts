import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '@weir/model';

/** The layout of a data directory that this code reads and writes; grows when it changes. */
const FORMAT_VERSION = 1;
const MARKER = 'version.json';
const LOCK = 'weir.lock';

/** One directory that holds everything of a standalone Weir, owned by one supervisor at a time. */
export interface DataDirectory {
  readonly root: string;
  readonly log: string;
  readonly clickhouse: string;
  readonly postgres: string;
  readonly checkpoints: string;
  readonly report: string;
  /** Gives the directory back. */
  release(): void;
}

/**
 * Opens, or makes, a data directory and locks it. With `fresh`, what Weir keeps there is deleted first.
 * Throws DATA_FOREIGN, DATA_DAMAGED, DATA_VERSION_NEWER, DATA_LOCKED, DATA_UNWRITABLE; none of them changes anything.
 */
export function openDataDirectory(root: string, options: { readonly fresh: boolean }): DataDirectory {
  try {
    mkdirSync(root, { recursive: true });
    checkMarker(root);
    takeLock(root);
    if (options.fresh) emptyOut(root);
    writeAtomically(join(root, MARKER), JSON.stringify({ format: 'weir', version: FORMAT_VERSION }));
  } catch (error) {
    throw asUnwritable(root, error);
  }
  return {
    root,
    log: join(root, 'log'),
    clickhouse: join(root, 'clickhouse'),
    postgres: join(root, 'postgres'),
    checkpoints: join(root, 'checkpoints'),
    report: join(root, 'report.json'),
    release: () => rmSync(join(root, LOCK), { force: true }),
  };
}

function checkMarker(root: string): void {
  const entries = readdirSync(root).filter((name) => name !== LOCK);
  if (entries.length === 0) return;
  const path = join(root, MARKER);
  if (!existsSync(path)) {
    throw new WeirError('DATA_FOREIGN', `The directory ${root} holds files that are not Weir's.`, {
      remedy: 'Name another directory with --data, or an empty one.',
    });
  }
  const version = readVersion(path);
  if (version > FORMAT_VERSION) {
    throw new WeirError('DATA_VERSION_NEWER', `The directory ${root} was written by a newer Weir (format ${version}, this one knows ${FORMAT_VERSION}).`, {
      remedy: 'Run the newer Weir, or name another directory with --data.',
    });
  }
}

function readVersion(path: string): number {
  try {
    const marker: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof marker === 'object' && marker !== null && 'version' in marker && typeof marker.version === 'number') return marker.version;
  } catch (cause) {
    throw damaged(path, cause);
  }
  throw damaged(path, undefined);
}

function damaged(path: string, cause: unknown): WeirError {
  return new WeirError('DATA_DAMAGED', `The file ${path} is not readable as Weir's marker.`, {
    remedy: 'Restore the directory from a copy, or start again in another one with --data.',
    cause,
  });
}

/** The lock is a file that names its owner; an owner that is no longer alive (kill -9, power cut) has lost it. */
function takeLock(root: string): void {
  const path = join(root, LOCK);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, JSON.stringify({ pid: process.pid, started: processStart(process.pid) }), { flag: 'wx' });
      return;
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
      const owner = lockOwner(path);
      if (owner !== undefined) {
        throw new WeirError('DATA_LOCKED', `The directory ${root} is in use by process ${owner}.`, {
          remedy: 'Stop that Weir first, or name another directory with --data.',
        });
      }
      rmSync(path, { force: true });
    }
  }
  throw new WeirError('DATA_LOCKED', `The directory ${root} is being taken by another Weir.`, {
    remedy: 'Try again, or name another directory with --data.',
    retryable: true,
  });
}

function lockOwner(path: string): number | undefined {
  try {
    const lock = JSON.parse(readFileSync(path, 'utf8')) as { pid?: unknown; started?: unknown };
    if (typeof lock.pid !== 'number') return undefined;
    process.kill(lock.pid, 0);
    // A pid is reused after a reboot; its start time is not.
    return lock.started === processStart(lock.pid) ? lock.pid : undefined;
  } catch (error) {
    if (isCode(error, 'ESRCH') || isCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** When a process started, in kernel ticks since boot; empty where /proc is not there. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return '';
    throw error;
  }
}

function emptyOut(root: string): void {
  for (const name of readdirSync(root)) {
    if (name !== LOCK) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function writeAtomically(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function asUnwritable(root: string, error: unknown): unknown {
  const codes: Record<string, string> = { ENOSPC: 'the disk is full', EACCES: 'permission is denied', EROFS: 'the file system is read-only', ENOTDIR: 'a part of the path is a file', EEXIST: 'a file has that name' };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof WeirError || codes[code] === undefined) return error;
  return new WeirError('DATA_UNWRITABLE', `The directory ${root} cannot be used: ${codes[code]}.`, {
    remedy: 'Free some space or name another directory with --data.',
    cause: error,
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
