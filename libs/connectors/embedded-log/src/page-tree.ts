import { readSync } from 'node:fs';

/** Layout of LMDB's pages (liblmdb 0.9.90 as bundled with lmdb-js 3: MDB_page_header, MDB_node, MDB_db, MDB_ovpage). */
const PAGE_HEADER = 24;
const PAGE_FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const BRANCH = 0x01;
const LEAF = 0x02;
const KIND_MASK = 0x6f;
const NODE_HEADER = 8;
const BIG_DATA = 0x01;
const SUB_TREE = 0x02;
const TREE_BYTES = 48;
const TREE_DEPTH_AT = 6;
const TREE_ENTRIES_AT = 32;
const TREE_ROOT_AT = 40;
const OVERFLOW_BYTES = 24;
const OVERFLOW_PAGES_AT = 16;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
/** LMDB's own bound. */
const MOST_LEVELS = 32;

/** What is wrong with a file, as the end of a sentence that begins with its name. */
export class Damage extends Error {}

export interface FileBounds {
  readonly pageSize: number;
  /** The last page that any tree may use. */
  readonly lastPage: number;
  /** Of the file, in bytes. */
  readonly size: number;
}

/** Follows trees of pages in a file and checks that each page is what the page above says. */
export class PageTree {
  readonly #file: number;
  readonly #bounds: FileBounds;
  #pagesRead = 0;

  constructor(file: number, bounds: FileBounds) {
    this.#file = file;
    this.#bounds = bounds;
  }

  /** Checks the tree that a record of LMDB describes, and those inside. Throws Damage. */
  check(record: Buffer): void {
    const depth = record.readUInt16LE(TREE_DEPTH_AT);
    const root = record.readBigUInt64LE(TREE_ROOT_AT);
    if (root === NO_PAGE) return;
    if (depth === 0 || depth > MOST_LEVELS) throw new Damage(`is damaged: a tree says to have ${depth} levels`);
    const entries = this.#checkPage(Number(root), depth);
    if (BigInt(entries) !== record.readBigUInt64LE(TREE_ENTRIES_AT)) throw new Damage(`is damaged: a tree has ${entries} entries and says otherwise`);
  }

  /** Answers the entries below the page; `levels` are those from here to the leaves. */
  #checkPage(number: number, levels: number): number {
    const page = this.#read(number);
    const kind = page.readUInt16LE(PAGE_FLAGS_AT) & KIND_MASK;
    const lower = page.readUInt16LE(LOWER_AT);
    const space = this.#bounds.pageSize - PAGE_HEADER;
    const isWhole = page.readBigUInt64LE(0) === BigInt(number) && kind === (levels === 1 ? LEAF : BRANCH);
    if (!isWhole || lower > page.readUInt16LE(UPPER_AT) || page.readUInt16LE(UPPER_AT) > space) throw new Damage(`is damaged at page ${number}`);
    let entries = 0;
    for (let at = 0; at < lower; at += 2) {
      const node = PAGE_HEADER + page.readUInt16LE(PAGE_HEADER + at);
      if (node < PAGE_HEADER + lower || node + NODE_HEADER > page.length) throw new Damage(`is damaged at page ${number}`);
      entries += levels === 1 ? this.#checkLeafNode(page, number, node) : this.#checkPage(childOf(page, node), levels - 1);
    }
    return entries;
  }

  #checkLeafNode(page: Buffer, number: number, node: number): number {
    const bytes = page.readUInt32LE(node);
    const flags = page.readUInt16LE(node + 4);
    const data = node + NODE_HEADER + page.readUInt16LE(node + 6);
    const held = (flags & BIG_DATA) !== 0 ? OVERFLOW_BYTES : bytes;
    if (data + held > page.length) throw new Damage(`is damaged at page ${number}`);
    if ((flags & BIG_DATA) !== 0) this.#checkOverflow(page.subarray(data, data + OVERFLOW_BYTES), bytes, number);
    if ((flags & SUB_TREE) !== 0) {
      if (bytes !== TREE_BYTES) throw new Damage(`is damaged at page ${number}`);
      this.check(page.subarray(data, data + TREE_BYTES));
    }
    return 1;
  }

  /** A value on pages of its own: whether they are there, not what is on them. */
  #checkOverflow(record: Buffer, bytes: number, number: number): void {
    const first = Number(record.readBigUInt64LE(0));
    const pages = Number(record.readBigUInt64LE(OVERFLOW_PAGES_AT));
    if (pages * this.#bounds.pageSize < bytes + PAGE_HEADER || pages > this.#bounds.lastPage) throw new Damage(`is damaged at page ${number}`);
    this.#mustHold(first, first + pages - 1);
  }

  #mustHold(first: number, last: number): void {
    const { pageSize, lastPage, size } = this.#bounds;
    if (first < 2 || last > lastPage) throw new Damage(`is damaged: page ${last} is named, ${lastPage} is the last`);
    // Free pages at the end need not be there; used ones do.
    if ((last + 1) * pageSize > size) throw new Damage(`is cut: ${size} of at least ${(last + 1) * pageSize} bytes are there`);
  }

  #read(number: number): Buffer {
    this.#mustHold(number, number);
    // A page that was overwritten may lead in circles.
    if (++this.#pagesRead > this.#bounds.lastPage) throw new Damage('is damaged: its pages lead in circles');
    const page = Buffer.allocUnsafe(this.#bounds.pageSize);
    readSync(this.#file, page, 0, page.length, number * page.length);
    return page;
  }
}

function childOf(page: Buffer, node: number): number {
  return page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 2 ** 32;
}
