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
  /** By step: how often one of its windows refused a row; a row of several windows may be refused by each. */
  readonly #refusals = new Map<string, number>();

  add(account: Account, count: number): void {
    this.#totals[account] += count;
  }

  refuse(step: string, count: number): void {
    this.#refusals.set(step, (this.#refusals.get(step) ?? 0) + count);
  }

  refusals(): ReadonlyMap<string, number> {
    return this.#refusals;
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
    const refusals = [...this.#refusals].sort(([a], [b]) => (a < b ? -1 : 1));
    writer.int32(refusals.length);
    for (const [step, count] of refusals) {
      writer.text(step);
      writer.float64(count);
    }
  }

  read(reader: BinaryReader): void {
    for (const account of ACCOUNTS) this.#totals[account] = reader.float64();
    for (let left = reader.int32(); left > 0; left--) this.#refusals.set(reader.text(), reader.float64());
  }
}

/** Told of each row that a window refused for good. */
export interface RejectionListener {
  rejected(step: string, batch: Batch, position: number, key: Key, start: Timestamp, end: Timestamp): void;
}

/** What one operator tells of its rows, to the books that `books` answers while it runs; what its windows refuse goes to `all` in any case. */
export function observerOf(step: string, books: () => Books | undefined, all: Books, listener: RejectionListener | undefined): OperatorObserver {
  return {
    filtered: (count) => books()?.add('filtered', count),
    counted: (count) => books()?.add('counted', count),
    late: (count) => books()?.add('late', count),
    refused: (count) => all.refuse(step, count),
    wantsRejections: listener !== undefined,
    rejected: (batch, position, key, start, end) => listener?.rejected(step, batch, position, key, start, end),
  };
}
