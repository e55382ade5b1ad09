import type { Batch, FieldKind, Origin, ResultColumns } from './batch.ts';
import type { Dictionary, SymbolColumn } from './dictionary.ts';
import { NULL_ID } from './dictionary.ts';
import { WeirError } from './error.ts';

let identity = Int32Array.from({ length: 1024 }, (_, index) => index);

/** Positions 0, 1, 2, … at least `length` long; shared and never written to. */
export function identityRows(length: number): Int32Array {
  if (identity.length < length) identity = Int32Array.from({ length: length * 2 }, (_, index) => index);
  return identity;
}

export interface RowBatchParts {
  readonly timestamps: Float64Array;
  readonly origin?: Origin | undefined;
  readonly results?: ResultColumns | undefined;
  readonly changes?: Uint8Array | undefined;
  /** Positions in the batch; default all. */
  readonly rows?: Int32Array;
  readonly length?: number;
}

interface Columns {
  readonly numbers: Map<string, Float64Array>;
  readonly symbols: Map<string, SymbolColumn>;
}

/** A batch of plain objects: what `map` returned, what a window fired, what a test pushes. */
export class RowBatch<T = unknown> implements Batch<T> {
  readonly length: number;
  readonly rows: Int32Array;
  readonly timestamps: Float64Array;
  readonly origin: Origin | undefined;
  readonly results: ResultColumns | undefined;
  readonly changes: Uint8Array | undefined;
  readonly #objects: readonly T[];
  /** Columns that were asked for, of all rows; shared by the selections. */
  readonly #columns: Columns;

  constructor(objects: readonly T[], parts: RowBatchParts, columns: Columns = { numbers: new Map(), symbols: new Map() }) {
    this.#objects = objects;
    this.#columns = columns;
    this.length = parts.length ?? objects.length;
    this.rows = parts.rows ?? identityRows(objects.length);
    this.timestamps = parts.timestamps;
    this.origin = parts.origin;
    this.results = parts.results;
    this.changes = parts.changes;
  }

  at(position: number): T {
    return this.#objects[position] as T;
  }

  kindOf(field: string): FieldKind | undefined {
    for (let i = 0; i < this.length; i++) {
      const row = this.#objects[this.rows[i]!] as Record<string, unknown> | null;
      const value = row === null || typeof row !== 'object' ? undefined : row[field];
      if (value === undefined || value === null) continue;
      const kind = typeof value;
      return kind === 'number' || kind === 'string' || kind === 'boolean' ? kind : 'other';
    }
    return undefined;
  }

  numbers(field: string): Float64Array {
    const known = this.#columns.numbers.get(field);
    if (known !== undefined) return known;
    const values = new Float64Array(this.#objects.length);
    for (let position = 0; position < values.length; position++) {
      const value = this.#read(position, field);
      if (value !== null && typeof value !== 'number') throw wrongKind(field, 'number', value);
      values[position] = value ?? Number.NaN;
    }
    this.#columns.numbers.set(field, values);
    return values;
  }

  symbols(field: string): SymbolColumn {
    const known = this.#columns.symbols.get(field);
    if (known !== undefined) return known;
    const ids = new Int32Array(this.#objects.length);
    const dictionary = new LocalDictionary();
    for (let position = 0; position < ids.length; position++) {
      const value = this.#read(position, field);
      if (value !== null && typeof value !== 'string') throw wrongKind(field, 'string', value);
      ids[position] = value === null ? NULL_ID : dictionary.intern(value);
    }
    const column = { ids, dictionary };
    this.#columns.symbols.set(field, column);
    return column;
  }

  values(field: string): ArrayLike<unknown> {
    return this.#objects.map((_, position) => this.#read(position, field));
  }

  select(rows: Int32Array, length: number): Batch<T> {
    return new RowBatch(this.#objects, { ...this.#parts(), rows, length }, this.#columns);
  }

  withTimestamps(timestamps: Float64Array): Batch<T> {
    return new RowBatch(this.#objects, { ...this.#parts(), timestamps }, this.#columns);
  }

  #parts(): RowBatchParts {
    return { timestamps: this.timestamps, origin: this.origin, results: this.results, changes: this.changes, rows: this.rows, length: this.length };
  }

  #read(position: number, field: string): unknown {
    const row = this.#objects[position] as Record<string, unknown> | null | undefined;
    return (row === null || row === undefined ? null : row[field]) ?? null;
  }
}

class LocalDictionary implements Dictionary {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];

  get size(): number {
    return this.#texts.length;
  }

  text(id: number): string {
    return this.#texts[id]!;
  }

  intern(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#texts.length;
      this.#texts.push(text);
      this.#ids.set(text, id);
    }
    return id;
  }
}

function wrongKind(field: string, wanted: string, value: unknown): WeirError {
  return new WeirError('FIELD_KIND', `Field '${field}' was read as a ${wanted} but holds ${typeof value}.`, {
    remedy: `Use a lambda, or give the field the type ${wanted}.`,
  });
}
