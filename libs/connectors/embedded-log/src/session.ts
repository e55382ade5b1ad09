import { WeirError } from '@weir/model';
import { GroupCommit } from './group-commit.ts';
import { translated } from './lmdb-error.ts';
import type { Store } from './store.ts';

/** One opening of a log, shared by its readers and writers. */
export class Session {
  readonly commits: GroupCommit;
  readonly #store: Store;
  #isClosed = false;

  constructor(store: Store, keepFreeBytes: number) {
    this.#store = store;
    this.commits = new GroupCommit(store, keepFreeBytes);
  }

  get directory(): string {
    return this.#store.directory;
  }

  /** Looks at the newest moment of the log. LMDB answers at once; the port is asynchronous because other logs do not. */
  read<T>(work: (store: Store) => T | Promise<T>): Promise<T> {
    return settled(() => {
      const store = this.#open();
      // All reads of one turn would be of one moment; a new one each time, so that other processes' appends are seen.
      store.root.resetReadTxn();
      return translated(store.directory, () => work(store));
    });
  }

  /** Runs a write transaction at once: all or none, durable when it returns. */
  write(work: (store: Store) => void): Promise<void> {
    return settled(() => {
      const store = this.#open();
      translated(store.directory, () => store.root.transactionSync(() => work(store)));
    });
  }

  /** Commits what waits, then closes. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.commits.commit();
    this.#isClosed = true;
    await this.#store.root.close();
  }

  #open(): Store {
    if (!this.#isClosed) return this.#store;
    throw new WeirError('LOG_CLOSED', `The log in ${this.directory} has been closed.`, { remedy: 'Open it again, and close it after its last use.' });
  }
}

/** What is thrown becomes a rejection. */
export function settled<T>(work: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
