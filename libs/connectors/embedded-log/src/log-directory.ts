import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '@weir/model';

/** The layout of an embedded log; grows when it changes. */
const FORMAT_VERSION = 1;
const MARKER = 'embedded-log.json';
const DATA = 'data.mdb';
/** LMDB's own numbers, in each of its two meta pages. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;

/**
 * Makes the directory of a log, or checks that it is one that can be opened. LMDB maps its file into memory and would crash the
 * process on a file that is not whole, so the file is looked at first. Throws LOG_DIRECTORY_FOREIGN, LOG_DAMAGED, LOG_VERSION_NEWER.
 */
export function prepareLogDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const marker = join(directory, MARKER);
  if (!existsSync(marker)) {
    const foreign = readdirSync(directory).filter((name) => !name.startsWith(`${MARKER}.`));
    if (foreign.length > 0) {
      throw new WeirError('LOG_DIRECTORY_FOREIGN', `The directory ${directory} holds files that are no embedded log.`, { remedy: 'Name another directory, or an empty one.' });
    }
    // Several processes may come here at once; each renames a whole file of the same content.
    writeFileSync(`${marker}.${process.pid}`, JSON.stringify({ format: 'weir-embedded-log', version: FORMAT_VERSION }));
    renameSync(`${marker}.${process.pid}`, marker);
    return;
  }
  const version = markerVersion(marker);
  if (version > FORMAT_VERSION) {
    throw new WeirError('LOG_VERSION_NEWER', `The log in ${directory} has format ${version}; this code knows ${FORMAT_VERSION}.`, {
      remedy: 'Run the newer Weir, or name another directory.',
    });
  }
  checkData(join(directory, DATA));
}

function markerVersion(path: string): number {
  try {
    const marker = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown } | null;
    if (typeof marker?.version === 'number') return marker.version;
  } catch (cause) {
    throw damaged(path, 'is not JSON', cause);
  }
  throw damaged(path, 'names no version');
}

function checkData(path: string): void {
  if (!existsSync(path)) return;
  const { size } = statSync(path);
  if (size === 0) return;
  const newest = newestMeta(path);
  if (newest === undefined) throw damaged(path, 'is not a database');
  const needed = (newest.lastPage + 1) * newest.pageSize;
  if (size < needed) throw damaged(path, `is cut: ${size} of ${needed} bytes are there`);
}

/** The meta page of the last transaction; undefined when neither of the two is one. */
function newestMeta(path: string): { readonly lastPage: number; readonly pageSize: number } | undefined {
  const file = openSync(path, 'r');
  try {
    const meta = Buffer.alloc(META_BYTES);
    let newest: { lastPage: number; pageSize: number; transaction: bigint } | undefined;
    let at = 0;
    for (let page = 0; page < 2; page++) {
      if (readSync(file, meta, 0, META_BYTES, at) < META_BYTES || meta.readUInt32LE(MAGIC_AT) !== MAGIC) continue;
      const pageSize = meta.readUInt32LE(PAGE_SIZE_AT);
      const transaction = meta.readBigUInt64LE(TRANSACTION_AT);
      if (newest === undefined || transaction > newest.transaction) newest = { lastPage: Number(meta.readBigUInt64LE(LAST_PAGE_AT)), pageSize, transaction };
      at = pageSize;
    }
    return newest;
  } finally {
    closeSync(file);
  }
}

function damaged(path: string, how: string, cause?: unknown): WeirError {
  return new WeirError('LOG_DAMAGED', `The file ${path} of the embedded log ${how}.`, { remedy: 'Restore the directory from a copy, or start in a new one.', cause });
}
