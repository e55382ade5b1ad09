import type { Session } from 'chdb';

/** Queries that may wait; more are refused, so that a client sees the overload. */
const MAX_WAITING = 256;

/** Runs one query at a time in an engine session, in order: parameters are settings of the session, so queries must not mix. */
export class QueryQueue {
  readonly #session: Session;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Runs a query with bound parameters (`param_name`, value as the HTTP interface takes it); answers the bytes of the result. */
  run(sql: string, parameters: readonly (readonly [string, string])[]): Promise<Uint8Array> {
    if (this.#waiting >= MAX_WAITING) return Promise.reject(new Error('Code: 202. DB::Exception: Too many queries wait. (TOO_MANY_SIMULTANEOUS_QUERIES)'));
    this.#waiting++;
    const result = this.#last.then(async () => {
      try {
        if (parameters.length > 0) {
          await this.#session.queryAsync(`SET ${parameters.map(([name, value]) => `${name} = ${quoted(value)}`).join(', ')}`);
        }
        return (await this.#session.queryAsync(sql)).bytes();
      } finally {
        this.#waiting--;
      }
    });
    // The next one runs whether this one succeeded or not; its own caller hears of the failure.
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async idle(): Promise<void> {
    await this.#last;
  }
}

/** A SQL string. Parameter names come from the URL and are checked by the engine as identifiers; values are only ever text. */
function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
