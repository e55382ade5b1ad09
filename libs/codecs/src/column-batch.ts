import type { Batch, FieldKind, Origin, ResultColumns, SymbolColumn } from '@weir/model';
import { WeirError, identityRows } from '@weir/model';
import type { Column } from './column.ts';
import type { CursorPlace } from './cursor.ts';

/** What the batches of one decoder share. */
export interface ColumnSource {
  readonly columns: ReadonlyMap<string, Column>;
  readonly cursor: object;
  readonly place: CursorPlace;
}

/** A batch over the columns of a decoder: valid until its next batch. */
export class ColumnBatch<T> implements Batch<T> {
  readonly length: number;
  readonly rows: Int32Array;
  readonly timestamps: Float64Array;
  readonly origin: Origin;
  readonly results: ResultColumns | undefined = undefined;
  readonly changes: Uint8Array | undefined = undefined;
  readonly #source: ColumnSource;

  constructor(source: ColumnSource, origin: Origin, timestamps: Float64Array, length: number, rows: Int32Array = identityRows(length)) {
    this.#source = source;
    this.origin = origin;
    this.timestamps = timestamps;
    this.length = length;
    this.rows = rows;
  }

  at(position: number): T {
    this.#source.place.position = position;
    return this.#source.cursor as T;
  }

  kindOf(field: string): FieldKind | undefined {
    const type = this.#source.columns.get(field)?.field.type;
    if (type === undefined || type === 'string' || type === 'boolean') return type;
    return type === 'json' ? 'other' : 'number';
  }

  numbers(field: string): Float64Array {
    const column = this.#column(field, 'number');
    return column.numbers;
  }

  symbols(field: string): SymbolColumn {
    return this.#column(field, 'string').symbols();
  }

  values(field: string): ArrayLike<unknown> {
    return this.#source.columns.get(field)?.values() ?? new Array<unknown>(this.length).fill(null);
  }

  select(rows: Int32Array, length: number): Batch<T> {
    return new ColumnBatch(this.#source, this.origin, this.timestamps, length, rows);
  }

  withTimestamps(timestamps: Float64Array): Batch<T> {
    return new ColumnBatch(this.#source, this.origin, timestamps, this.length, this.rows);
  }

  #column(field: string, wanted: FieldKind): Column {
    const kind = this.kindOf(field);
    if (kind === wanted) return this.#source.columns.get(field)!;
    throw new WeirError('FIELD_KIND', `Field '${field}' was read as a ${wanted} but is ${kind ?? 'not there'}.`, {
      remedy: `Use a lambda, or give the field the type ${wanted}.`,
    });
  }
}
