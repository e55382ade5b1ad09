import type { Sink, SinkContext } from '@weir/connector-api';
import type { Batch, Key, Watermark } from '@weir/model';
import { UPDATE_BEFORE, invariant } from '@weir/model';
import type { ClickHouse } from './clickhouse.ts';

/** A row of a table by column, as JSONEachRow takes it. */
export type TableRow = Readonly<Record<string, unknown>>;

/** Turns the row at a position of a batch of results into a row of the table; must copy what it keeps. */
export type RowOfTable = (batch: Batch, position: number, taskEpoch: number, watermark: Watermark) => TableRow;

export interface ViewSinkOptions {
  readonly clickhouse: Pick<ClickHouse, 'insert'>;
  readonly table: string;
  readonly row: RowOfTable;
}

/** Rows in one insert, at most. */
const MAX_INSERT_ROWS = 50_000;

interface Waiting {
  readonly row: TableRow;
  readonly paneIndex: number;
}

/**
 * Writes results to a table that keeps the newest version of each. Of several firings of one window that wait together, the newest
 * alone is sent: the table would keep no other. What could not be sent waits on, and a later flush sends it.
 */
export class ViewSink implements Sink {
  readonly #options: ViewSinkOptions;
  #taskEpoch = 0;
  #waiting = new Map<string, Waiting>();
  #sending = new Map<string, Waiting>();
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: ViewSinkOptions) {
    this.#options = options;
  }

  /** Results of one key and window count once; those that a flush is sending, too. */
  get pending(): number {
    return this.#waiting.size + this.#sending.size;
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
      // A row that is taken back to be replaced: the table replaces it by the version of the one that follows.
      if (batch.changes?.[position] === UPDATE_BEFORE) continue;
      const id = identity(results.keys[position]!, results.starts[position]!, results.ends[position]!);
      const paneIndex = results.indexes[position]!;
      const before = this.#waiting.get(id);
      // As in the table: the higher version wins, and of equal ones the later.
      if (before !== undefined && before.paneIndex > paneIndex) continue;
      this.#waiting.set(id, { row: this.#options.row(batch, position, this.#taskEpoch, watermark), paneIndex });
    }
  }

  flush(): Promise<void> {
    // One after the other; a failed one is its own caller's news.
    const flushed = this.#flushing.then(() => this.#send());
    this.#flushing = flushed.catch(() => undefined);
    return flushed;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #send(): Promise<void> {
    this.#sending = this.#waiting;
    this.#waiting = new Map();
    const rows = [...this.#sending.values()].map(({ row }) => row);
    try {
      for (let from = 0; from < rows.length; from += MAX_INSERT_ROWS) {
        await this.#options.clickhouse.insert(this.#options.table, rows.slice(from, from + MAX_INSERT_ROWS));
      }
    } catch (error) {
      for (const [id, held] of this.#sending) {
        const newer = this.#waiting.get(id);
        if (newer === undefined || newer.paneIndex < held.paneIndex) this.#waiting.set(id, held);
      }
      throw error;
    } finally {
      this.#sending = new Map();
    }
  }
}

/** Text and number are different keys; and the key stands last, as it may hold anything. */
function identity(key: Key, start: number, end: number): string {
  return `${start} ${end} ${typeof key === 'number' ? '#' : '$'}${key}`;
}
