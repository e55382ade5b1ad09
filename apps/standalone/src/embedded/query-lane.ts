import { engineError } from './engine-error.ts';

/** Queries that may wait; more are refused, so that a client sees the overload. */
const MAX_WAITING = 256;

/** Runs one piece of work at a time, in order. */
export class QueryLane {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #running = 0;
  #closed = false;

  /** Work that waits or is being done. */
  get load(): number {
    return this.#waiting + this.#running;
  }

  /** `isWanted` is asked when the turn comes: work whose client has gone is not begun. */
  run<T>(work: () => Promise<T>, isWanted: () => boolean): Promise<T> {
    if (this.#waiting >= MAX_WAITING) return Promise.reject(engineError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many queries wait'));
    this.#waiting++;
    const result = this.#last.then(() => {
      this.#waiting--;
      if (this.#closed) throw engineError(210, 'NETWORK_ERROR', 'The server is stopping');
      if (!isWanted()) throw engineError(394, 'QUERY_WAS_CANCELLED', 'The client has gone');
      this.#running++;
      return work().finally(() => this.#running--);
    });
    // The next one runs whether this one succeeded or not; its own caller hears of the failure.
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Refuses what has not begun, and resolves when what has begun has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
