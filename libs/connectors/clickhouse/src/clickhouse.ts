import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { WeirError } from '@weir/model';

export interface ClickHouseOptions {
  readonly url: string;
  readonly database?: string;
}

/** Tries of a call whose outcome is not known or that the server could not take; every insert is idempotent by result key. */
const TRIES = 6;
const FIRST_PAUSE_MILLISECONDS = 50;
/** Server errors that go away: too many queries, too many parts, time-outs, memory. */
const RETRYABLE = new Set(['159', '160', '202', '209', '210', '241', '252', '319', '425']);
const DISK_FULL = '243';

/** ClickHouse through its stock client: a server, or the embedded engine behind the same interface. */
export class ClickHouse {
  readonly #client: ClickHouseClient;
  readonly #url: string;

  constructor({ url, database = 'weir' }: ClickHouseOptions) {
    this.#url = url;
    this.#client = createClient({
      url,
      database,
      request_timeout: 60_000,
      // Below the three seconds after which a server closes an idle connection.
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
      log: { LoggerClass: SilentLogger },
    });
  }

  /** Resolves when the server answers; throws CLICKHOUSE_UNREACHABLE. */
  async ping(): Promise<void> {
    const answer = await this.#client.ping();
    if (!answer.success) throw this.#unreachable(answer.error);
  }

  async command(sql: string): Promise<void> {
    await this.#tried(() => this.#client.command({ query: sql }));
  }

  /** Rows of a query; parameters are bound as `{name:Type}`, never pasted. */
  query<Row = Readonly<Record<string, unknown>>>(sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<readonly Row[]> {
    return this.#tried(async () => {
      const result = await this.#client.query({ query: sql, query_params: { ...params }, format: 'JSONEachRow' });
      return result.json<Row>();
    });
  }

  /** Inserts rows; all or none of a call is visible, and the same rows again change nothing that a versioned read sees. */
  async insert(table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    if (rows.length > 0) await this.#tried(() => this.#client.insert({ table, values: rows, format: 'JSONEachRow' }));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #tried<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1, pause = FIRST_PAUSE_MILLISECONDS; ; attempt++, pause *= 2) {
      try {
        return await call();
      } catch (error) {
        const coded = this.#coded(error);
        if (!coded.retryable || attempt === TRIES) throw coded;
        await sleep(pause);
      }
    }
  }

  #coded(error: unknown): WeirError {
    if (!(error instanceof ClickHouseError)) return this.#unreachable(error);
    if (error.code === DISK_FULL) {
      return new WeirError('CLICKHOUSE_DISK_FULL', 'ClickHouse has no room left.', { remedy: 'Free some space; the job goes on from its last checkpoint.', cause: error });
    }
    return new WeirError('CLICKHOUSE_REJECTED', `ClickHouse refused with code ${error.code}: ${error.message}`, {
      remedy: 'Look at the statement and at the server.',
      retryable: RETRYABLE.has(error.code),
      cause: error,
    });
  }

  #unreachable(cause: unknown): WeirError {
    return new WeirError('CLICKHOUSE_UNREACHABLE', `ClickHouse at ${this.#url} does not answer: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      remedy: 'Check that it runs and that the URL is right.',
      retryable: true,
      cause,
    });
  }
}

/** Every failure is thrown as a coded error; the client need not also write it to the console. */
class SilentLogger {
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}
