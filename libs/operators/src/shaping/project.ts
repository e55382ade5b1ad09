import type { Batch, Collector, FieldKind, OperatorSpec, SymbolColumn } from '@weir/model';
import { RowBatch } from '@weir/model';

/**
 * Keeps some fields of each row. No function and no copy: columns are handed through, so fields that nobody names are not even
 * decoded. Times, places and identities stay.
 */
export function project(fields: readonly string[]): OperatorSpec {
  const kept = Object.freeze([...new Set(fields)]);
  return Object.freeze<OperatorSpec>({
    kind: 'project',
    inputs: Object.freeze([{ name: 'in', distribution: { kind: 'forward' as const }, reads: kept }]),
    outputs: ['out'],
    stateful: false,
    conserves: true,
    describe: () => ({ kind: 'project', detail: kept.join(', ') }),
    create: () => ({
      onBatch: (batch: Batch, out: Collector) => {
        if (batch.length > 0) out.emit(new ProjectedBatch(batch, kept));
      },
    }),
  });
}

/** Some columns of a batch. */
class ProjectedBatch implements Batch {
  readonly #batch: Batch;
  readonly #fields: readonly string[];

  constructor(batch: Batch, fields: readonly string[]) {
    this.#batch = batch;
    this.#fields = fields;
  }

  get length(): number {
    return this.#batch.length;
  }

  get rows(): Int32Array {
    return this.#batch.rows;
  }

  get timestamps(): Float64Array {
    return this.#batch.timestamps;
  }

  get origin(): Batch['origin'] {
    return this.#batch.origin;
  }

  get results(): Batch['results'] {
    return this.#batch.results;
  }

  get changes(): Batch['changes'] {
    return this.#batch.changes;
  }

  at(position: number): unknown {
    const row = this.#batch.at(position) as Readonly<Record<string, unknown>>;
    const picked: Record<string, unknown> = {};
    for (const field of this.#fields) if (row[field] !== undefined) picked[field] = row[field];
    return picked;
  }

  kindOf(field: string): FieldKind | undefined {
    return this.#fields.includes(field) ? this.#batch.kindOf(field) : undefined;
  }

  numbers(field: string): Float64Array {
    return this.#fields.includes(field) ? this.#batch.numbers(field) : new Float64Array(this.#batch.timestamps.length).fill(Number.NaN);
  }

  symbols(field: string): SymbolColumn {
    return (this.#fields.includes(field) ? this.#batch : new RowBatch(new Array<null>(this.#batch.timestamps.length).fill(null), { timestamps: this.#batch.timestamps })).symbols(field);
  }

  values(field: string): ArrayLike<unknown> {
    return this.#fields.includes(field) ? this.#batch.values(field) : new Array<null>(this.#batch.timestamps.length).fill(null);
  }

  select(rows: Int32Array, length: number): Batch {
    return new ProjectedBatch(this.#batch.select(rows, length), this.#fields);
  }

  withTimestamps(timestamps: Float64Array): Batch {
    return new ProjectedBatch(this.#batch.withTimestamps(timestamps), this.#fields);
  }
}
