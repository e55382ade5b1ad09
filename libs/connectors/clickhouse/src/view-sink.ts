import type { Sink, SinkContext } from '@weir/connector-api';
import type { Batch, Watermark } from '@weir/model';
import { invariant } from '@weir/model';
import type { ClickHouse } from './clickhouse.ts';

/** Turns the row at a position of a batch of results into a row of the table, for JSONEachRow; must copy what it keeps. */
export type RowOfTable = (batch: Batch, position: number, taskEpoch: number, watermark: Watermark) => Readonly<Record<string, unknown>>;

export interface ViewSinkOptions {
  readonly clickhouse: ClickHouse;
  readonly table: string;
  readonly row: RowOfTable;
}

/** Rows in one insert, at most. */
const MAX_INSERT_ROWS = 50_000;

/**
 * Writes results to a table that keeps the newest version of each. Of several firings of one window that wait together, the last one
 * alone is sent: the table would keep no other.
 */
export class ViewSink implements Sink {
  readonly #options: ViewSinkOptions;
  #taskEpoch = 0;
  #waiting = new Map<string, Readonly<Record<string, unknown>>>();

  constructor(options: ViewSinkOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#waiting.size;
  }

  open({ taskEpoch }: SinkContext): Promise<void> {
    this.#taskEpoch = taskEpoch;
    return Promise.resolve();
  }

  write(batch: Batch, watermark: Watermark): void {
    const { results, rows } = batch;
    invariant(results !== undefined, `table ${this.#options.table} takes window results`);
    for (let i = 0; i < batch.length; i++) {
      const position = rows[i]!;
      const id = `${results.keys[position]!}|${results.starts[position]!}|${results.ends[position]!}`;
      this.#waiting.set(id, this.#options.row(batch, position, this.#taskEpoch, watermark));
    }
  }

  async flush(): Promise<void> {
    const rows = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (let from = 0; from < rows.length; from += MAX_INSERT_ROWS) {
      await this.#options.clickhouse.insert(this.#options.table, rows.slice(from, from + MAX_INSERT_ROWS));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
