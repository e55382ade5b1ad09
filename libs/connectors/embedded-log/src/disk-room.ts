import { statfsSync } from 'node:fs';
import { WeirError } from '@weir/model';

/** LMDB writes changed tree pages beside the values, and the marker and other processes' appends need room, too. */
const OVERHEAD_FACTOR = 2;

/**
 * Makes sure that a transaction of `bytes` fits on the disk and leaves `keepFreeBytes`, because LMDB is not to be trusted on a disk
 * that runs full in the middle of a write. Throws LOG_DISK_FULL.
 */
export function ensureRoom(directory: string, bytes: number, keepFreeBytes: number): void {
  const { blocks, bavail, bsize } = statfsSync(directory);
  if (blocks === 0) return; // a file system that does not tell
  const free = bavail * bsize;
  if (free < bytes * OVERHEAD_FACTOR + keepFreeBytes) throw diskFull(`The disk of ${directory} has ${free} bytes left, of which ${keepFreeBytes} are kept free`);
}

export function diskFull(what: string, cause?: unknown): WeirError {
  return new WeirError('LOG_DISK_FULL', `${what}; nothing was written to the log.`, { remedy: 'Free some space, then go on.', retryable: true, cause });
}
