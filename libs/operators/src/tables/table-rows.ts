import type { Key, KeyTable, StateReader, StateWriter } from '@weir/model';
import { WeirError, keyGroupOf } from '@weir/model';
import { compareKeys } from './key-order.ts';

/** Rows that a table may have at once unless its options say otherwise. */
export const DEFAULT_TABLE_LIMIT = 10_000_000;

/** Refuses a table that grows above its limit. Throws TABLE_FULL. */
export function checkTableSize(size: number, limit: number, step: string): void {
  if (size <= limit) return;
  throw new WeirError('TABLE_FULL', `The table has more than ${limit} rows.`, {
    step,
    remedy: 'Let rows leave it (a tombstone, or timeToLive), or raise its limit.',
  });
}

/** At most one row under each key slot: the present state of a table. */
export class TableRows {
  readonly #rows: unknown[] = [];
  readonly #limit: number;
  readonly #step: string;
  #size = 0;

  constructor(step: string, limit: number = DEFAULT_TABLE_LIMIT) {
    this.#step = step;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Undefined when there is none. */
  at(slot: number): unknown {
    return this.#rows[slot];
  }

  /** Undefined takes the row out. Throws TABLE_FULL. */
  set(slot: number, row: unknown): void {
    const before = this.#rows[slot];
    if (before === undefined && row !== undefined) checkTableSize(++this.#size, this.#limit, this.#step);
    if (before !== undefined && row === undefined) this.#size--;
    this.#rows[slot] = row;
  }

  /** The slots with a row, by key. */
  slots(keys: KeyTable): readonly number[] {
    const held: number[] = [];
    for (let slot = 0; slot < this.#rows.length; slot++) if (this.#rows[slot] !== undefined) held.push(slot);
    return held.sort((a, b) => compareKeys(keys.keyAt(a), keys.keyAt(b)));
  }

  write(writer: StateWriter, name: string, keys: KeyTable): void {
    for (const slot of this.slots(keys)) {
      const key = keys.keyAt(slot);
      const section = writer.keyed(name, keyGroupOf(key));
      section.key(key);
      section.json(this.#rows[slot]);
    }
  }

  read(reader: StateReader, name: string, keys: KeyTable): void {
    for (const section of reader.keyed(name)) {
      while (section.remaining > 0) {
        const key: Key = section.key();
        this.set(keys.obtain(key), section.json());
      }
    }
  }
}
