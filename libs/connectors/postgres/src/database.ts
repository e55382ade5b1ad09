import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { WeirError } from '@weir/model';

/** Tries of a statement whose outcome is not known: all of them may be repeated. */
const TRIES = 5;
const FIRST_PAUSE_MILLISECONDS = 50;
/** Conditions that pass: the connection broke, the server starts or stops, transactions were in each other's way. */
const PASSING = /^(08...|57P0.|40...|53300|55P03)$/;
const SYSTEM_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);
const DISK_FULL = '53100';

/** Connections to one Postgres. Failures are coded errors; statements are repeated while their cause may pass. */
export class Database {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000, statement_timeout: 30_000, query_timeout: 35_000, keepAlive: true });
    // An idle connection may break; the next query takes another one and says what is wrong.
    this.#pool.on('error', () => undefined);
  }

  /** Runs one statement, which must be one that may run twice. */
  query<Row extends QueryResultRow>(sql: string, params: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return this.#tried(() => this.#pool.query<Row>(sql, [...params]));
  }

  /** Runs work in one transaction; all of it again when the cause of a failure may pass, so it must be such that may run twice. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#tried(() =>
      this.withClient(async (client) => {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      }),
    );
  }

  /** Lends one connection. When the work fails it is closed, which ends its transaction and its locks. */
  async withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let failed = true;
    try {
      const result = await work(client);
      failed = false;
      return result;
    } finally {
      client.release(failed);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #tried<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1, pause = FIRST_PAUSE_MILLISECONDS; ; attempt++, pause *= 2) {
      try {
        return await call();
      } catch (error) {
        const coded = codedError(error);
        if (!coded.retryable || attempt === TRIES || error instanceof WeirError) throw coded;
        await sleep(pause);
      }
    }
  }
}

/** What a failure of Postgres means to a user. */
export function codedError(error: unknown): WeirError {
  if (error instanceof WeirError) return error;
  const message = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === DISK_FULL) {
    return new WeirError('POSTGRES_DISK_FULL', `Postgres has no room left: ${message}.`, { remedy: 'Free some space.', retryable: true, cause: error });
  }
  if (PASSING.test(code) || SYSTEM_ERRORS.has(code) || /connection|timeout/i.test(message)) {
    return new WeirError('POSTGRES_UNREACHABLE', `Postgres does not answer: ${message}.`, {
      remedy: 'Check that it runs and that its URL is right.',
      retryable: true,
      cause: error,
    });
  }
  return new WeirError('POSTGRES_REJECTED', `Postgres refused${code === '' ? '' : ` with code ${code}`}: ${message}.`, { remedy: 'Look at its URL, its rights and its log.', cause: error });
}

/** An attempt at several addresses fails with several messages, and none of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
