import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { WeirError } from '@weir/model';

/** A file that grows at its end. */
export interface AppendFile {
  /** All of the bytes are durable when it returns. */
  append(bytes: Uint8Array): void;
  /** Cuts the file to this many bytes. */
  truncate(length: number): void;
  close(): void;
}

/** The file system calls that durability hangs on. A port, so that tests can make each one fail. Synchronous, and throws what the system throws. */
export interface Files {
  /** With its parents; nothing when it is there. */
  makeDirectory(path: string): void;
  /** Names in a directory. */
  list(path: string): readonly string[];
  /** Undefined when there is no such file. */
  read(path: string): Uint8Array | undefined;
  /** Makes a new file; its bytes are durable when it returns, its name once `syncDirectory` has. */
  write(path: string, bytes: Uint8Array): void;
  rename(from: string, to: string): void;
  /** A file, or a directory with all in it; nothing when it is not there. */
  remove(path: string): void;
  /** The names in a directory are durable when it returns. */
  syncDirectory(path: string): void;
  /** Opens a file to append to; makes it, durably, when it is not there. */
  openAppend(path: string): AppendFile;
}

/** The file system of the machine. */
export const diskFiles: Files = {
  makeDirectory: (path) => void mkdirSync(path, { recursive: true }),
  list: (path) => readdirSync(path),
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  },
  write: (path, bytes) =>
    withFile(path, 'wx', (file) => {
      writeAll(file, bytes);
      fsyncSync(file);
    }),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  syncDirectory: (path) => withFile(path, 'r', fsyncSync),
  openAppend(path) {
    const file = openSync(path, 'a');
    withFile(dirname(path), 'r', fsyncSync);
    return {
      append(bytes) {
        writeAll(file, bytes);
        fdatasyncSync(file);
      },
      truncate: (length) => ftruncateSync(file, length),
      close: () => closeSync(file),
    };
  },
};

/** What to throw when a write failed: CHECKPOINT_DISK_FULL when the disk is full, else the error as it came. */
export function writeFailure(directory: string, error: unknown): unknown {
  if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) return error;
  return new WeirError('CHECKPOINT_DISK_FULL', `There is no room for the state of the job in ${directory}.`, {
    remedy: 'Free some space and start again; the job goes on from its last checkpoint.',
    retryable: true,
    cause: error,
  });
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

function withFile(path: string, flags: string, use: (file: number) => void): void {
  const file = openSync(path, flags);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
