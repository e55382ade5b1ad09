import type { Key, KeyTable, StateReader, StateWriter } from '@weir/model';
import { isRetraction, keyGroupOf } from '@weir/model';
import { compareKeys } from './key-order.ts';
import { checkTableSize } from './table-rows.ts';

/** What an instant has done to one row of a group so far. */
export interface TouchedRow {
  /** Undefined when it was not in the group. */
  readonly before: unknown;
  added: boolean;
}

/**
 * The present rows of a table by group and primary key, read from its changelog. Of an instant, the old row and the new row of a key may
 * come in either order, because they may come from two instances of the step before: a new row wins.
 */
export class GroupRows {
  /** By group slot. */
  readonly #groups: (Map<Key, unknown> | undefined)[] = [];
  readonly #touched = new Map<number, Map<Key, TouchedRow>>();
  readonly #limit: number;
  readonly #step: string;
  #size = 0;

  constructor(step: string, limit: number) {
    this.#step = step;
    this.#limit = limit;
  }

  /** Throws TABLE_FULL. */
  apply(slot: number, key: Key, row: unknown, change: number): void {
    const touched = this.#touch(slot, key);
    if (!isRetraction(change)) {
      touched.added = true;
      this.#put(slot, key, row);
    } else if (!touched.added) this.#take(slot, key);
  }

  /** Takes all rows of a group out, as part of the instant. */
  clear(slot: number): void {
    for (const key of [...(this.#groups[slot]?.keys() ?? [])]) {
      this.#touch(slot, key);
      this.#take(slot, key);
    }
  }

  /** The rows of a group by primary key; undefined when it has none. */
  of(slot: number): ReadonlyMap<Key, unknown> | undefined {
    return this.#groups[slot];
  }

  /** Ends an instant: tells, for each group that it touched, which rows. */
  settle(visit: (slot: number, touched: ReadonlyMap<Key, TouchedRow>) => void): void {
    for (const [slot, touched] of this.#touched) visit(slot, touched);
    this.#touched.clear();
  }

  write(writer: StateWriter, name: string, keys: KeyTable): void {
    for (const slot of this.#slots(keys)) {
      const group = keys.keyAt(slot);
      const section = writer.keyed(name, keyGroupOf(group));
      const rows = [...this.#groups[slot]!].sort(([a], [b]) => compareKeys(a, b));
      section.key(group);
      section.int32(rows.length);
      for (const [key, row] of rows) {
        section.key(key);
        section.json(row);
      }
    }
  }

  /** Tells of each row that it takes in. */
  read(reader: StateReader, name: string, keys: KeyTable, taken: (slot: number, key: Key, row: unknown) => void = () => undefined): void {
    for (const section of reader.keyed(name)) {
      while (section.remaining > 0) {
        const slot = keys.obtain(section.key());
        for (let left = section.int32(); left > 0; left--) {
          const key = section.key();
          const row = section.json();
          this.#put(slot, key, row);
          taken(slot, key, row);
        }
      }
    }
  }

  #slots(keys: KeyTable): readonly number[] {
    const held = this.#groups.flatMap((rows, slot) => (rows === undefined ? [] : [slot]));
    return held.sort((a, b) => compareKeys(keys.keyAt(a), keys.keyAt(b)));
  }

  #touch(slot: number, key: Key): TouchedRow {
    let group = this.#touched.get(slot);
    if (group === undefined) {
      group = new Map();
      this.#touched.set(slot, group);
    }
    let touched = group.get(key);
    if (touched === undefined) {
      touched = { before: this.#groups[slot]?.get(key), added: false };
      group.set(key, touched);
    }
    return touched;
  }

  #put(slot: number, key: Key, row: unknown): void {
    const group = (this.#groups[slot] ??= new Map<Key, unknown>());
    if (!group.has(key)) checkTableSize(++this.#size, this.#limit, this.#step);
    group.set(key, row);
  }

  #take(slot: number, key: Key): void {
    const group = this.#groups[slot];
    if (group?.delete(key) !== true) return;
    this.#size--;
    if (group.size === 0) this.#groups[slot] = undefined;
  }
}
