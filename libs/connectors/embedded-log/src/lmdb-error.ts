import { WeirError } from '@weir/model';
import { ChecksumMismatch } from './checked-json.ts';
import { diskFull } from './disk-room.ts';

/** Runs work on LMDB and turns what it throws into coded errors: LOG_DISK_FULL, LOG_DAMAGED, LOG_DIRECTORY_UNUSABLE or LOG_WRITE_FAILED. */
export function translated<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof WeirError ? error : asWeirError(directory, error);
  }
}

/** LMDB and the system tell by text, which is the same on all platforms. */
function asWeirError(directory: string, cause: unknown): unknown {
  if (cause instanceof ChecksumMismatch) return damagedLog(directory, `is damaged: ${cause.message}`, cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/ENOSPC|EDQUOT|No space left|quota exceeded|MDB_MAP_FULL/i.test(text)) return diskFull(`The disk of ${directory} is full`, cause);
  if (/EACCES|EPERM|EROFS|ENOTDIR|Permission denied|Read-only file system|not permitted/i.test(text)) return unusable(directory, text, cause);
  if (/EIO|Input\/output error|File too large/i.test(text)) {
    return new WeirError('LOG_WRITE_FAILED', `The disk of ${directory} refused to read or write: ${text}. Nothing of this transaction was written.`, {
      remedy: 'Check the disk, its free space, and limits on the size of files, then start again.',
      cause,
    });
  }
  if (/MDB_(CORRUPTED|PAGE_NOTFOUND|INVALID|VERSION_MISMATCH|PANIC|INCOMPATIBLE|CURSOR_FULL|BAD_TXN|PROBLEM)/.test(text)) return damagedLog(directory, `cannot be read: ${text}`, cause);
  return cause;
}

export function damagedLog(where: string, how: string, cause?: unknown): WeirError {
  return new WeirError('LOG_DAMAGED', `The embedded log in ${where} ${how}.`, { remedy: 'Restore the directory from a copy, or start in a new one.', cause });
}

export function unusable(directory: string, how: string, cause?: unknown): WeirError {
  return new WeirError('LOG_DIRECTORY_UNUSABLE', `The directory ${directory} cannot be used for a log: ${how}.`, {
    remedy: 'Name a directory that this user may create and write to.',
    cause,
  });
}
