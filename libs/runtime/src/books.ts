import type { Batch, BinaryReader, BinaryWriter, Key, OperatorObserver, Timestamp } from '@weir/model';
import { invariant } from '@weir/model';

/** The conservation books of a task: records = counted + late + filtered + deadLettered, at every barrier. */
export interface BookTotals {
  /** Records of the log that were processed. */
  readonly records: number;
  /** Rows that entered a window, or reached a sink where there is no window. */
  readonly counted: number;
  /** Rows that no window took. */
  readonly late: number;
  /** Rows that left by a filter's word, or by a discard. */
  readonly filtered: number;
  /** Records that could not become rows, or whose time could not be. */
  readonly deadLettered: number;
}

type Account = keyof BookTotals;
const ACCOUNTS: readonly Account[] = ['records', 'counted', 'late', 'filtered', 'deadLettered'];

/** Keeps the books of one task. */
export class Books {
  readonly #totals: Record<Account, number> = { records: 0, counted: 0, late: 0, filtered: 0, deadLettered: 0 };

  add(account: Account, count: number): void {
    this.#totals[account] += count;
  }

  totals(): BookTotals {
    return { ...this.#totals };
  }

  /** Where every record went must be known. */
  assertBalance(): void {
    const { records, counted, late, filtered, deadLettered } = this.#totals;
    invariant(records === counted + late + filtered + deadLettered, `the books do not balance: ${JSON.stringify(this.#totals)}`);
  }

  write(writer: BinaryWriter): void {
    for (const account of ACCOUNTS) writer.float64(this.#totals[account]);
  }

  read(reader: BinaryReader): void {
    for (const account of ACCOUNTS) this.#totals[account] = reader.float64();
  }
}

/** Told of each row that a window refused for good. */
export interface RejectionListener {
  rejected(step: string, batch: Batch, position: number, key: Key, start: Timestamp, end: Timestamp): void;
}

/** What one operator tells of its rows, to the books that `books` answers while it runs. */
export function observerOf(step: string, books: () => Books | undefined, listener: RejectionListener | undefined): OperatorObserver {
  return {
    filtered: (count) => books()?.add('filtered', count),
    counted: (count) => books()?.add('counted', count),
    late: (count) => books()?.add('late', count),
    wantsRejections: listener !== undefined,
    rejected: (batch, position, key, start, end) => listener?.rejected(step, batch, position, key, start, end),
  };
}
