import { appendChecked } from './append.ts';
import type { CheckedAppend } from './append.ts';
import type { CheckedCommit } from './source-commit.ts';
import { ensureRoom } from './disk-room.ts';
import { translated } from './lmdb-error.ts';
import type { Store } from './store.ts';

/** Of one transaction; an append that is larger has one of its own. */
const TRANSACTION_BYTES = 32 * 1024 * 1024;
/** Readers that were killed would keep old pages in use. */
const TRANSACTIONS_PER_READER_CHECK = 1_000;

interface Waiting {
  readonly appends: readonly CheckedAppend[];
  readonly commits: readonly CheckedCommit[];
  readonly bytes: number;
  readonly resolve: (offsets: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends of one turn of the event loop share a transaction and its sync to disk. The transaction is short, synchronous and all or
 * none; other processes' writers wait for it.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #keepFreeBytes: number;
  #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #transactions = 0;

  constructor(store: Store, keepFreeBytes: number) {
    this.#store = store;
    this.#keepFreeBytes = keepFreeBytes;
  }

  /** Answers base offsets, or -1 where a sequence had been used. The bytes must not change until then. */
  add(appends: readonly CheckedAppend[], commits: readonly CheckedCommit[] = []): Promise<readonly number[]> {
    if (appends.length === 0 && commits.length === 0) return Promise.resolve([]);
    const bytes = appends.reduce((sum, { append }) => sum + append.batch.length, 0);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ appends, commits, bytes, resolve, reject });
      this.#scheduled ??= setImmediate(() => this.commit());
    });
  }

  /** Commits all that waits, now. */
  commit(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < waiting.length; ) {
      let to = from + 1;
      for (let bytes = waiting[from]!.bytes; to < waiting.length && bytes + waiting[to]!.bytes <= TRANSACTION_BYTES; to++) bytes += waiting[to]!.bytes;
      this.#transact(waiting.slice(from, to));
      from = to;
    }
  }

  #transact(group: readonly Waiting[]): void {
    const { directory, root } = this.#store;
    try {
      const offsets = translated(directory, () => {
        ensureRoom(directory, group.reduce((sum, { bytes }) => sum + bytes, 0), this.#keepFreeBytes);
        if (this.#transactions++ % TRANSACTIONS_PER_READER_CHECK === 0) root.readerCheck();
        return root.transactionSync(() =>
          group.map(({ appends, commits }) => {
            for (const { key, value } of commits) this.#store.commits.putSync(key, value);
            return appends.map((append) => appendChecked(this.#store, append));
          }),
        );
      });
      for (const [i, { resolve }] of group.entries()) resolve(offsets[i]!);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
