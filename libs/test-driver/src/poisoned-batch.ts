import type { Batch, FieldKind, Origin, ResultColumns, SymbolColumn } from '@weir/model';
import { WeirError } from '@weir/model';

/** Which cursor may be read: the one that was handed out last, until the batch has been processed. */
class Lease {
  #current = 0;

  next(): number {
    return ++this.#current;
  }

  end(): void {
    this.#current++;
  }

  check(cursor: number, field: string): void {
    if (cursor === this.#current) return;
    throw new WeirError('CURSOR_KEPT', `Field '${field}' was read from a row that is no longer there.`, {
      remedy: 'A row is valid during the call that is given it; copy what you keep, e.g. with { ...row }.',
    });
  }
}

/**
 * A batch whose rows go stale as they do in production, only loudly: each row is a cursor that throws CURSOR_KEPT once the next
 * row has been asked for, or the batch has been processed.
 */
export class PoisonedBatch<T> implements Batch<T> {
  readonly #rows: Batch<T>;
  readonly #fields: readonly string[];
  readonly #lease: Lease;

  constructor(rows: Batch<T>, fields: readonly string[], lease: Lease = new Lease()) {
    this.#rows = rows;
    this.#fields = fields;
    this.#lease = lease;
  }

  /** Ends the life of every cursor that was handed out. */
  poison(): void {
    this.#lease.end();
  }

  at(position: number): T {
    const row = this.#rows.at(position) as Readonly<Record<string, unknown>>;
    const lease = this.#lease;
    const cursor = lease.next();
    const target = {};
    for (const field of this.#fields) {
      Object.defineProperty(target, field, {
        enumerable: true,
        get: () => {
          lease.check(cursor, field);
          return row[field];
        },
      });
    }
    return target as T;
  }

  select(rows: Int32Array, length: number): Batch<T> {
    return new PoisonedBatch(this.#rows.select(rows, length), this.#fields, this.#lease);
  }

  withTimestamps(timestamps: Float64Array): Batch<T> {
    return new PoisonedBatch(this.#rows.withTimestamps(timestamps), this.#fields, this.#lease);
  }

  get length(): number {
    return this.#rows.length;
  }

  get rows(): Int32Array {
    return this.#rows.rows;
  }

  get timestamps(): Float64Array {
    return this.#rows.timestamps;
  }

  get origin(): Origin | undefined {
    return this.#rows.origin;
  }

  get results(): ResultColumns | undefined {
    return this.#rows.results;
  }

  get changes(): Uint8Array | undefined {
    return this.#rows.changes;
  }

  kindOf(field: string): FieldKind | undefined {
    return this.#rows.kindOf(field);
  }

  numbers(field: string): Float64Array {
    return this.#rows.numbers(field);
  }

  symbols(field: string): SymbolColumn {
    return this.#rows.symbols(field);
  }

  values(field: string): ArrayLike<unknown> {
    return this.#rows.values(field);
  }
}
