import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { compareKept, copyOf, keptOf, readKept, writeKept } from './kept-value.ts';
import type { Kept } from './kept-value.ts';
import { grownFloats } from './grow.ts';
import { NumberColumn, numberOf, readsOf, selectorText, valueOf } from './value-reader.ts';
import type { NumericField, Selector, ValueField } from './value-reader.ts';

/** The order by which one row is picked. */
export interface PickOrder<T> {
  /** What decides: an event time, an amount. Rows without it are passed over. */
  readonly by: NumericField<T> | ((row: T) => number | null);
  /** What decides between rows that are equal by `by`: a sequence number, an id. Rows without it come behind those with it. */
  readonly then?: ValueField<T> | ((row: T) => string | number | null);
}

/** The row that is picked so far; `by` is NaN when there is none. */
export interface Picked {
  by: number;
  then: string | number | null;
  value: Kept | null;
}

/** `V` is what a function gives, and by default what the field `K` holds. */
type Pick<T, V> = Aggregator<T, Picked, NonNullable<V> | null>;

/**
 * The value of the earliest row by `by`; ties by `then`, then the least value in the order of `compareKept`, so the order of arrival
 * never shows. Rows whose value or `by` is null are passed over; null when there is none.
 */
export function first<T, K extends keyof T & string, V = T[K]>(value: K | ((row: T) => V), order: PickOrder<NoInfer<T>>): Pick<T, V> {
  return pick('first', value, order, 1);
}

/** The value of the latest row by `by`; ties by the greatest `then`, then the greatest value. Otherwise like `first`. */
export function last<T, K extends keyof T & string, V = T[K]>(value: K | ((row: T) => V), order: PickOrder<NoInfer<T>>): Pick<T, V> {
  return pick('last', value, order, -1);
}

/** The value of the row with the least `by`: the same as `first`, under the name that fits amounts. */
export function minBy<T, K extends keyof T & string, V = T[K]>(value: K | ((row: T) => V), order: PickOrder<NoInfer<T>>): Pick<T, V> {
  return pick('minBy', value, order, 1);
}

/** The value of the row with the greatest `by`: the same as `last`, under the name that fits amounts. */
export function maxBy<T, K extends keyof T & string, V = T[K]>(value: K | ((row: T) => V), order: PickOrder<NoInfer<T>>): Pick<T, V> {
  return pick('maxBy', value, order, -1);
}

interface Readers {
  readonly value: (row: unknown) => Kept | null;
  readonly then: (row: unknown) => string | number | null;
}

function pick<T, V>(kind: string, value: unknown, order: PickOrder<T>, sign: 1 | -1): Pick<T, V> {
  const chosen = value as Selector<never, unknown>;
  const by = order.by as Selector<never, number | null>;
  const then = order.then as Selector<never, string | number | null> | undefined;
  const read = numberOf(by);
  const readers: Readers = { value: keptOf(chosen), then: then === undefined ? () => null : tieOf(valueOf(then)) };
  return Object.freeze({
    kind,
    describe: `${kind}(${selectorText(chosen)} by ${selectorText(by)}${then === undefined ? '' : ` then ${selectorText(then)}`})`,
    ...readsOf(chosen, by, ...(then === undefined ? [] : [then])),
    create: (): Picked => ({ by: Number.NaN, then: null, value: null }),
    add: (held: Picked, row: T) => {
      offer(held, read(row), row, readers, sign);
      return held;
    },
    merge: (into: Picked, from: Picked) => {
      if (from.value !== null && (into.value === null || comesBefore(from.by, from.then, from.value, into, sign))) Object.assign(into, from);
      return into;
    },
    finish: (held: Picked) => held.value as NonNullable<V> | null,
    write: writePicked,
    read: readPicked,
    columns: () => new PickColumns<NonNullable<V>>(new NumberColumn(by), readers, sign),
  });
}

/** NaN is no tie-breaker, and -0 is 0. */
function tieOf(read: (row: unknown) => string | number | null): (row: unknown) => string | number | null {
  return (row) => {
    const value = read(row);
    if (typeof value !== 'number') return value;
    return Number.isNaN(value) ? null : value + 0;
  };
}

function offer(held: Picked, by: number, row: unknown, readers: Readers, sign: 1 | -1): void {
  // Most rows lose by the number alone, and nothing else of them is read.
  if (Number.isNaN(by) || sign * by > sign * held.by) return;
  const value = readers.value(row);
  if (value === null) return;
  const then = readers.then(row);
  if (held.value !== null && !comesBefore(by, then, value, held, sign)) return;
  held.by = by + 0;
  held.then = then;
  held.value = copyOf(value);
}

function comesBefore(by: number, then: string | number | null, value: Kept, held: Picked, sign: 1 | -1): boolean {
  if (by !== held.by) return sign * by < sign * held.by;
  if (then !== held.then) {
    if (then === null || held.then === null) return held.then === null;
    return sign * compareKept(then, held.then) < 0;
  }
  return sign * compareKept(typeof value === 'object' ? copyOf(value) : value, held.value!) < 0;
}

function writePicked({ by, then, value }: Picked, writer: BinaryWriter): void {
  writer.float64(by);
  if (value === null) return;
  writer.uint8(then === null ? 0 : 1);
  if (then !== null) writer.key(then);
  writeKept(value, writer);
}

function readPicked(reader: BinaryReader): Picked {
  const by = reader.float64();
  if (Number.isNaN(by)) return { by, then: null, value: null };
  const then = reader.uint8() === 1 ? reader.key() : null;
  return { by, then, value: readKept(reader) };
}

/** The deciding numbers lie in a Float64Array, so that a row that loses costs one comparison and is never made an object. */
class PickColumns<Out> implements AccumulatorColumns<Out | null> {
  readonly #column: NumberColumn;
  readonly #readers: Readers;
  readonly #sign: 1 | -1;
  #by = new Float64Array(0);
  readonly #held: Picked[] = [];

  constructor(column: NumberColumn, readers: Readers, sign: 1 | -1) {
    this.#column = column;
    this.#readers = readers;
    this.#sign = sign;
  }

  grow(capacity: number): void {
    this.#by = grownFloats(this.#by, capacity);
  }

  reset(slot: number): void {
    this.#put(slot, { by: Number.NaN, then: null, value: null });
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const values = this.#column.of(batch);
    const { rows, length } = batch;
    const sign = this.#sign;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      const by = values[rows[i]!]!;
      if (sign * by > sign * this.#by[slot]! || by !== by) continue;
      const held = this.#held[slot]!;
      offer(held, by, batch.at(rows[i]!), this.#readers, sign);
      this.#by[slot] = held.by;
    }
  }

  merge(into: number, from: number): void {
    const held = this.#held[into]!;
    const other = this.#held[from]!;
    if (other.value === null || (held.value !== null && !comesBefore(other.by, other.then, other.value, held, this.#sign))) return;
    this.#put(into, { ...other });
  }

  finish(slot: number): Out | null {
    return this.#held[slot]!.value as Out | null;
  }

  write(slot: number, writer: BinaryWriter): void {
    writePicked(this.#held[slot]!, writer);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#put(slot, readPicked(reader));
  }

  #put(slot: number, picked: Picked): void {
    this.#held[slot] = picked;
    this.#by[slot] = picked.by;
  }
}
