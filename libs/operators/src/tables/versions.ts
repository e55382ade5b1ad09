import type { BinaryReader, BinaryWriter, Key, Timestamp } from '@weir/model';
import { isRetraction } from '@weir/model';
import { MinHeap } from '../windows/min-heap.ts';
import { compareKeys } from './key-order.ts';
import { checkTableSize } from './table-rows.ts';

/** What stands under a key from an instant on, until the next version. */
interface Version {
  readonly from: Timestamp;
  /** Undefined when nothing does. */
  value: unknown;
  added: boolean;
}

/**
 * The versions of the rows of a table, read from its changelog in any order; each is valid from its instant (inclusive) to that of the
 * next (exclusive). Reading is O(log versions of the key). Of one instant and key a new row wins over the taking back of the old one.
 */
export class Versions {
  readonly #byKey = new Map<Key, Version[]>();
  /** Each version by its instant; once that is behind the bound, what came before it may go. */
  readonly #superseding = new MinHeap<Key>();
  readonly #limit: number;
  readonly #step: string;
  #size = 0;

  constructor(step: string, limit: number) {
    this.#step = step;
    this.#limit = limit;
  }

  /** Versions that are kept, those included that say that there is no row. */
  get size(): number {
    return this.#size;
  }

  /** Throws TABLE_FULL. */
  apply(key: Key, from: Timestamp, value: unknown, change: number): void {
    const added = !isRetraction(change);
    const version = this.#obtain(key, from);
    if (!added || version.added) return;
    version.value = value;
    version.added = true;
  }

  /** The row under a key at an instant; undefined when there is none. */
  at(key: Key, instant: Timestamp): unknown {
    const versions = this.#byKey.get(key);
    return versions?.[lastBy(versions, instant)]?.value;
  }

  /**
   * Forgets what no instant at or after `bound` reads. A version of the bound itself supersedes nothing yet, because more may come of its
   * instant. Amortised O(log versions) for each that goes.
   */
  prune(bound: Timestamp): void {
    while (this.#superseding.least < bound) {
      const key = this.#superseding.pop();
      const versions = this.#byKey.get(key);
      if (versions === undefined) continue;
      const by = lastBy(versions, bound);
      const last = versions[by]?.from === bound ? by - 1 : by;
      const gone = last >= 0 && !versions[last]!.added ? last + 1 : last;
      if (gone <= 0) continue;
      versions.splice(0, gone);
      this.#size -= gone;
      if (versions.length === 0) this.#byKey.delete(key);
    }
  }

  /** By key. */
  write(section: (key: Key) => BinaryWriter): void {
    for (const [key, versions] of [...this.#byKey].sort(([a], [b]) => compareKeys(a, b))) {
      const writer = section(key);
      writer.key(key);
      writer.int32(versions.length);
      for (const { from, value, added } of versions) {
        writer.float64(from);
        writer.uint8(added ? 1 : 0);
        if (added) writer.json(value);
      }
    }
  }

  /** Takes in what `write` wrote, beside what there is: several instances may have held the same table. */
  read(reader: BinaryReader): void {
    while (reader.remaining > 0) {
      const key = reader.key();
      for (let left = reader.int32(); left > 0; left--) {
        const version = this.#obtain(key, reader.float64());
        if (reader.uint8() === 0) continue;
        version.value = reader.json();
        version.added = true;
      }
    }
  }

  #obtain(key: Key, from: Timestamp): Version {
    let versions = this.#byKey.get(key);
    if (versions === undefined) {
      versions = [];
      this.#byKey.set(key, versions);
    }
    const at = lastBy(versions, from);
    const found = versions[at];
    if (found?.from === from) return found;
    checkTableSize(++this.#size, this.#limit, this.#step);
    const version: Version = { from, value: undefined, added: false };
    versions.splice(at + 1, 0, version);
    this.#superseding.push(from, 0, key);
    return version;
  }
}

/** Index of the last version that begins at or before the instant, or -1. */
function lastBy(versions: readonly Version[], instant: Timestamp): number {
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (versions[middle]!.from <= instant) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
