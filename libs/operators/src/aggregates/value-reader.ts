import type { Batch } from '@weir/model';

/** Names of the fields of a row that hold a number, or null. */
export type NumericField<T> = { [Name in keyof T]-?: NonNullable<T[Name]> extends number ? Name : never }[keyof T] & string;

/** Names of the fields of a row that hold text or a number, or null. */
export type ValueField<T> = { [Name in keyof T]-?: NonNullable<T[Name]> extends string | number ? Name : never }[keyof T] & string;

/** A field by name (read as a column), or a pure function of the row. */
export type Selector<T, V> = string | ((row: T) => V);

/** Reads the number of a row; null and undefined are NaN, which aggregates pass over. */
export function numberOf(selector: Selector<never, number | null>): (row: unknown) => number {
  if (typeof selector !== 'string') return (row) => (selector as (row: unknown) => number | null)(row) ?? Number.NaN;
  return (row) => (row as Record<string, number | null>)[selector] ?? Number.NaN;
}

/** Reads text or a number of a row; null when there is none. */
export function valueOf(selector: Selector<never, string | number | null>): (row: unknown) => string | number | null {
  if (typeof selector !== 'string') return (row) => (selector as (row: unknown) => string | number | null)(row) ?? null;
  return (row) => (row as Record<string, string | number | null>)[selector] ?? null;
}

/** Numbers of a batch by position: the column of a field, or what the function returns for the rows in the batch. */
export class NumberColumn {
  readonly #field: string | undefined;
  readonly #read: (row: unknown) => number;
  #values = new Float64Array(0);

  constructor(selector: Selector<never, number | null>) {
    this.#field = typeof selector === 'string' ? selector : undefined;
    this.#read = numberOf(selector);
  }

  of(batch: Batch): Float64Array {
    if (this.#field !== undefined) return batch.numbers(this.#field);
    if (batch.length === 0) return this.#values;
    const positions = batch.rows[batch.length - 1]! + 1;
    if (this.#values.length < positions) this.#values = new Float64Array(positions * 2);
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      this.#values[position] = this.#read(batch.at(position));
    }
    return this.#values;
  }
}

/** What stands in `describe` for a selector. */
export function selectorText(selector: Selector<never, unknown>): string {
  return typeof selector === 'string' ? selector : 'function';
}

/** `reads` of an aggregator: the named fields, or nothing known when there is a function. */
export function readsOf(...selectors: readonly Selector<never, unknown>[]): { readonly reads?: readonly string[] } {
  const fields = selectors.filter((selector) => typeof selector === 'string');
  return fields.length === selectors.length ? { reads: fields } : {};
}
