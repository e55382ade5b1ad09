import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { WeirError } from '@weir/model';

export interface ClickHouseOptions {
  /** May hold the user and the password. */
  readonly url: string;
  readonly database?: string;
  /** How long one try may take. Default 60 s. */
  readonly requestTimeoutMilliseconds?: number;
  /** How often a call whose outcome is not known, or that the server could not take, is tried. Default 12, some 15 seconds: an engine that was killed is back by then. */
  readonly tries?: number;
}

const FIRST_PAUSE_MILLISECONDS = 50;
const LONGEST_PAUSE_MILLISECONDS = 2_000;
/** Server errors that go away: time-outs, too many queries or parts, no memory, no thread, a keeper or a table that is not ready. */
const PASSING = new Set(['3', '159', '160', '173', '202', '203', '209', '210', '225', '236', '241', '242', '252', '319', '425', '439', '473', '745', '999']);
const DISK_FULL = '243';
/** JSON.stringify writes such an escape for half of a character only. */
const LONE_SURROGATE = /\\ud[89a-f]/;

/**
 * ClickHouse through its stock client: a server, or the embedded engine behind the same interface. Calls are repeated with growing
 * pauses, so every statement must be such that may run twice; inserts of versioned rows are.
 */
export class ClickHouse {
  readonly #client: ClickHouseClient;
  readonly #place: string;
  readonly #tries: number;

  constructor({ url, database = 'weir', requestTimeoutMilliseconds = 60_000, tries = 12 }: ClickHouseOptions) {
    this.#place = new URL(url).host;
    this.#tries = tries;
    this.#client = createClient({
      url,
      database,
      request_timeout: requestTimeoutMilliseconds,
      // Below the three seconds after which a server closes an idle connection.
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
      max_open_connections: 10,
      // Every failure is thrown; the client need not also write it to the console.
      log: { level: ClickHouseLogLevel.OFF },
      json: { parse: JSON.parse as <T>(text: string) => T, stringify },
      // Without it an answer that fails half-way has begun as a good one.
      clickhouse_settings: { wait_end_of_query: 1 },
    });
  }

  /** Resolves when the server answers; throws CLICKHOUSE_UNREACHABLE, at once. */
  async ping(): Promise<void> {
    const answer = await this.#client.ping();
    if (!answer.success) throw this.#unreachable(answer.error);
  }

  /** Runs a statement without an answer. */
  async command(sql: string): Promise<void> {
    await this.#tried(() => this.#client.command({ query: sql }));
  }

  /** Rows of a query; parameters are bound as `{name:Type}`, never pasted. */
  query<Row = Readonly<Record<string, unknown>>>(sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<readonly Row[]> {
    return this.#tried(async () => {
      const result = await this.#client.query({ query: sql, query_params: { ...params }, format: 'JSONEachRow' });
      return rowsOf<Row>(await result.text());
    });
  }

  /** Inserts rows, with the columns by name; the same rows again change nothing that a versioned read sees. */
  async insert(table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    if (rows.length > 0) await this.#tried(() => this.#client.insert({ table, values: rows, format: 'JSONEachRow' }));
  }

  /**
   * Inserts rows that are encoded already, as the bytes of `parts` one after the other. The format must name the columns, so that one
   * that the table does not have is refused. The bytes must stay as they are until this resolves.
   */
  async insertBinary(table: string, columns: readonly string[], format: string, parts: readonly Uint8Array[]): Promise<void> {
    const query = `INSERT INTO ${table} (${columns.map((name) => `\`${name}\``).join(', ')}) FORMAT ${format}`;
    await this.#tried(async () => {
      const { stream } = await this.#client.exec({ query, values: Readable.from(parts, { objectMode: false }) });
      // Nothing is in it; but only then is its connection free for the next call.
      await stream.resume().toArray();
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #tried<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1, pause = FIRST_PAUSE_MILLISECONDS; ; attempt++, pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS)) {
      try {
        return await call();
      } catch (error) {
        // The program's own mistakes, such as a value that has no JSON.
        if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) throw error;
        const coded = this.#coded(error);
        if (!coded.retryable || attempt >= this.#tries) throw coded;
        await sleep(pause);
      }
    }
  }

  #coded(error: unknown): WeirError {
    if (!(error instanceof ClickHouseError)) return this.#unreachable(error);
    if (error.code === DISK_FULL || error.message.includes('No space left on device')) {
      return new WeirError('CLICKHOUSE_DISK_FULL', 'ClickHouse has no room left.', { remedy: 'Free some space; the job goes on from its last checkpoint.', cause: error });
    }
    return new WeirError('CLICKHOUSE_REJECTED', `ClickHouse refused with code ${error.code}: ${error.message}`, {
      remedy: 'Look at the statement and at the server.',
      retryable: PASSING.has(error.code),
      cause: error,
    });
  }

  #unreachable(cause: unknown): WeirError {
    return new WeirError('CLICKHOUSE_UNREACHABLE', `ClickHouse at ${this.#place} does not answer: ${messageOf(cause)}.`, {
      remedy: 'Check that it runs and that the URL is right.',
      retryable: true,
      cause,
    });
  }
}

/** An attempt at several addresses fails with several messages, and none of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The objects of JSONEachRow: one parse for all, as a stream of rows costs more than the rows. No text in it holds an end of a line as it is. */
function rowsOf<Row>(lines: string): readonly Row[] {
  return JSON.parse(`[${lines.trimEnd().replaceAll('\n', ',')}]`) as readonly Row[];
}

/** JSON that ClickHouse takes: half of a character becomes the replacement character. */
function stringify(value: unknown): string {
  const text = JSON.stringify(value);
  if (!LONE_SURROGATE.test(text)) return text;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? part.toWellFormed() : part));
}
