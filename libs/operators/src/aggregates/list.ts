import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { compareKept, copyOf, keptOf, readKept, writeKept } from './kept-value.ts';
import type { Kept } from './kept-value.ts';
import { checkWhole } from './option.ts';
import { numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

const MOST_VALUES = 1_000_000;

export interface ListOptions<T> {
  /** How many values are kept, 1 to 1,000,000. */
  readonly limit: number;
  /** The order of the list, e.g. an event time; ties by value. Rows without it are passed over. Default: by value. */
  readonly by?: NumericField<T> | ((row: T) => number | null);
}

/** A bounded list. */
export interface Listed<V> {
  readonly values: readonly V[];
  /** How many values there were beyond the limit: the last ones of the order. */
  readonly omitted: number;
}

interface Item {
  readonly by: number;
  readonly value: Kept;
}

function inOrder(a: Item, b: Item): number {
  if (a.by !== b.by) return a.by - b.by;
  return compareKept(a.value, b.value);
}

/** At most `limit` items in order, and behind them those that came since. */
export class ItemList {
  #items: Item[] = [];
  /** Items that are in order, from the front. */
  #ordered = 0;
  #omitted = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Amortised O(log limit). */
  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length >= this.#limit * 2 + 16) this.#settle();
  }

  /** O(limit) for lists that are in order already. */
  merge(from: ItemList): void {
    this.#settle();
    from.#settle();
    const [a, b] = [this.#items, from.#items];
    const kept = Math.min(this.#limit, a.length + b.length);
    const merged: Item[] = [];
    for (let i = 0, j = 0; merged.length < kept; ) merged.push(j >= b.length || (i < a.length && inOrder(a[i]!, b[j]!) <= 0) ? a[i++]! : b[j++]!);
    this.#omitted += from.#omitted + a.length + b.length - kept;
    this.#items = merged;
    this.#ordered = kept;
  }

  finish(): Listed<never> {
    this.#settle();
    return { values: this.#items.map(({ value }) => value as never), omitted: this.#omitted };
  }

  write(writer: BinaryWriter): void {
    this.#settle();
    writer.float64(this.#omitted);
    writer.int32(this.#items.length);
    for (const { by, value } of this.#items) {
      writer.float64(by);
      writeKept(value, writer);
    }
  }

  static read(reader: BinaryReader, limit: number): ItemList {
    const list = new ItemList(limit);
    list.#omitted = reader.float64();
    for (let left = reader.int32(); left > 0; left--) list.#items.push({ by: reader.float64(), value: readKept(reader) });
    list.#ordered = list.#items.length;
    return list;
  }

  #settle(): void {
    if (this.#ordered < this.#items.length) this.#items.sort(inOrder);
    if (this.#items.length > this.#limit) {
      this.#omitted += this.#items.length - this.#limit;
      this.#items.length = this.#limit;
    }
    this.#ordered = this.#items.length;
  }
}

/**
 * The values, nulls passed over, in the order of `by` and then of the values: the first `limit` of them, and how many were left out.
 * Which are kept does not depend on the order of rows. Throws AGGREGATE_OPTION.
 */
export function list<T, K extends keyof T & string, V = T[K]>(value: K | ((row: T) => V), { limit, by }: ListOptions<NoInfer<T>>): Aggregator<T, ItemList, Listed<NonNullable<V>>> {
  checkWhole('list', 'limit', limit, 1, MOST_VALUES);
  const chosen = value as Selector<never, unknown>;
  const order = by as Selector<never, number | null> | undefined;
  const read = keptOf(chosen);
  const rank = order === undefined ? () => 0 : numberOf(order);
  return Object.freeze({
    kind: 'list',
    describe: `list(${selectorText(chosen)}, first ${limit}${order === undefined ? '' : ` by ${selectorText(order)}`})`,
    ...readsOf(chosen, ...(order === undefined ? [] : [order])),
    create: () => new ItemList(limit),
    add: (held: ItemList, row: T) => {
      const given = read(row);
      const at = rank(row);
      if (given !== null && !Number.isNaN(at)) held.add({ by: at + 0, value: copyOf(given) });
      return held;
    },
    merge: (into: ItemList, from: ItemList) => (into.merge(from), into),
    finish: (held: ItemList) => held.finish() as Listed<NonNullable<V>>,
    write: (held: ItemList, writer: BinaryWriter) => held.write(writer),
    read: (reader: BinaryReader) => ItemList.read(reader, limit),
  });
}
