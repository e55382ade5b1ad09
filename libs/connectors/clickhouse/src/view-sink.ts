import type { Sink, SinkContext } from '@weir/connector-api';
import type { Batch, Key, Watermark } from '@weir/model';
import { UPDATE_BEFORE, invariant } from '@weir/model';
import type { ByteWriter } from './byte-writer.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { Column } from './column.ts';
import { RowBinary } from './row-binary.ts';
import { WaitingRows } from './waiting-rows.ts';

/** Puts the values of the row at a position of a batch of results into `values`, in the order of the table's columns. */
export type RowOfTable = (batch: Batch, position: number, taskEpoch: number, watermark: Watermark, values: unknown[]) => void;

export interface ViewSinkOptions {
  readonly clickhouse: Pick<ClickHouse, 'insertBinary'>;
  readonly table: string;
  /** All of the table's. */
  readonly columns: readonly Column[];
  readonly row: RowOfTable;
  /** Asked to tell of rows that are about to be sent, by the values of their columns, when they are few; answers whether it does. */
  readonly onSending?: (rows: readonly (readonly unknown[])[]) => boolean;
  /** Told when the table has rows that `onSending` did not tell of. */
  readonly onSent?: () => void;
}

/** Of one insert, at most; a row that is longer goes alone. */
const MAX_INSERT_ROWS = 50_000;
const MAX_INSERT_BYTES = 16 * 1024 * 1024;
/** More rows than these are told of when the table has them. */
const MOST_TOLD_ROWS = 64;

/**
 * Writes results to a table that keeps the newest version of each. Of several firings of one window that wait together, the newest
 * alone is sent: the table would keep no other. What could not be sent waits on, and a later flush sends it.
 */
export class ViewSink implements Sink {
  readonly #options: ViewSinkOptions;
  readonly #format: RowBinary;
  readonly #names: readonly string[];
  /** Of the row that is being written; reused. */
  readonly #values: unknown[];
  readonly #encode: (out: ByteWriter) => void;
  #taskEpoch = 0;
  #waiting = new WaitingRows();
  #sending = new WaitingRows();
  /** The rows that wait, by result, while they are few enough to be told of; undefined when there are others. */
  #few: Map<string, readonly unknown[]> | undefined = new Map();
  #flushing: Promise<void> | undefined;

  constructor(options: ViewSinkOptions) {
    this.#options = options;
    this.#format = new RowBinary(options.table, options.columns);
    this.#names = options.columns.map(({ name }) => name);
    this.#values = options.columns.map(() => undefined);
    this.#encode = (out) => this.#format.encode(this.#values, out);
  }

  /** Results of one key and window count once; those that a flush is sending, too. */
  get pending(): number {
    return this.#waiting.size + this.#sending.size;
  }

  open({ taskEpoch }: SinkContext): Promise<void> {
    this.#taskEpoch = taskEpoch;
    return Promise.resolve();
  }

  /** Throws CLICKHOUSE_VALUE when a column cannot hold what it is given. */
  write(batch: Batch, watermark: Watermark): void {
    const { results, rows } = batch;
    invariant(results !== undefined, `table ${this.#options.table} takes window results`);
    for (let i = 0; i < batch.length; i++) {
      const position = rows[i]!;
      // A row that is taken back to be replaced: the table replaces it by the version of the one that follows.
      if (batch.changes?.[position] === UPDATE_BEFORE) continue;
      const id = identity(results.keys[position]!, results.starts[position]!, results.ends[position]!);
      const paneIndex = results.indexes[position]!;
      const before = this.#waiting.versionOf(id);
      // As in the table: the higher version wins, and of equal ones the later.
      if (before !== undefined && before > paneIndex) continue;
      this.#options.row(batch, position, this.#taskEpoch, watermark, this.#values);
      this.#waiting.put(id, paneIndex, this.#encode);
      if (this.#options.onSending === undefined || this.#few === undefined) continue;
      if (this.#waiting.size > MOST_TOLD_ROWS) this.#few = undefined;
      else this.#few.set(id, this.#values.slice());
    }
  }

  /** What waits is taken before this returns, unless another flush is under way. */
  flush(): Promise<void> {
    // One after the other; a failed one is its own caller's news.
    const flushed = this.#flushing === undefined ? this.#send() : this.#flushing.then(() => this.#send());
    const end = (): void => {
      if (this.#flushing === ended) this.#flushing = undefined;
    };
    const ended = flushed.then(end, end);
    this.#flushing = ended;
    return flushed;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #send(): Promise<void> {
    [this.#sending, this.#waiting] = [this.#waiting, this.#sending];
    const { onSending, onSent } = this.#options;
    const isTold = this.#few !== undefined && this.#few.size > 0 && onSending?.([...this.#few.values()]) === true;
    this.#few = new Map();
    try {
      for (const rows of this.#sending.pieces(MAX_INSERT_ROWS, MAX_INSERT_BYTES)) {
        await this.#options.clickhouse.insertBinary(this.#options.table, this.#names, RowBinary.FORMAT, [this.#format.header, rows]);
      }
      if (!isTold) onSent?.();
    } catch (error) {
      this.#waiting.takeOlder(this.#sending);
      this.#few = undefined;
      throw error;
    } finally {
      this.#sending.clear();
    }
  }
}

/** Text and number are different keys; and the key stands last, as it may hold anything. */
function identity(key: Key, start: number, end: number): string {
  return `${start} ${end} ${typeof key === 'number' ? '#' : '$'}${key}`;
}
