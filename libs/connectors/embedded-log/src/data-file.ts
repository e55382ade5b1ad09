import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { damagedLog } from './lmdb-error.ts';
import { Damage, PageTree } from './page-tree.ts';

/** LMDB's own numbers, in each of its two meta pages: behind a page header of 24 bytes. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const FREE_TREE_AT = 48;
const PAGE_SIZE_AT = 48;
const MAIN_TREE_AT = 96;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;
const ATTEMPTS = 5;

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  readonly trees: readonly Buffer[];
}

/**
 * Checks the database file before it is mapped: LMDB believes what it reads, and a file that is cut or overwritten would end the
 * process without a word. Reads the tree's pages, not the batches, which have checksums. Throws LOG_DAMAGED. O(batches / 50) reads.
 */
export function checkDataFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    for (let attempt = 1; ; attempt++) {
      const { size } = fstatSync(file);
      if (size === 0) return; // made, and nothing written yet
      const before = newestMeta(path, file);
      try {
        for (const tree of before.trees) new PageTree(file, { ...before, size }).check(tree);
        return;
      } catch (error) {
        if (!(error instanceof Damage)) throw error;
        // A process that has the log open may have used pages again while they were being looked at; if so, look again.
        const isStill = newestMeta(path, file).transaction === before.transaction;
        if (isStill) throw damagedLog(path, error.message, error);
        if (attempt === ATTEMPTS) return;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** The meta page of the last transaction. LMDB needs both to be whole. */
function newestMeta(path: string, file: number): Meta {
  const first = readMeta(file, 0);
  const second = first === undefined ? undefined : readMeta(file, first.pageSize);
  if (first === undefined || second === undefined || first.pageSize !== second.pageSize) throw damagedLog(path, 'is not a database');
  return second.transaction > first.transaction ? second : first;
}

function readMeta(file: number, at: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, at) < META_BYTES || bytes.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  const pageSize = bytes.readUInt32LE(PAGE_SIZE_AT);
  const isPowerOfTwo = (pageSize & (pageSize - 1)) === 0;
  if (pageSize < 512 || pageSize > 65_536 || !isPowerOfTwo) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: bytes.readBigUInt64LE(TRANSACTION_AT),
    trees: [bytes.subarray(FREE_TREE_AT, MAIN_TREE_AT), bytes.subarray(MAIN_TREE_AT, LAST_PAGE_AT)],
  };
}
