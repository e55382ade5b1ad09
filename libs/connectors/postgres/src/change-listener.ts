import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { codedError } from './database.ts';

/** Where changes of views are announced: a channel of Postgres (LISTEN, NOTIFY). */
export const CHANGES = 'weir_view_changes';

export interface ChangeListenerOptions {
  readonly url: string;
  /** Told each announcement. */
  readonly onChange: (announcement: string) => void;
  /** Told when nothing can be heard, once until it can again. */
  readonly warn: (message: string) => void;
}

const AGAIN_MILLISECONDS = 1_000;
const CONNECT_MILLISECONDS = 10_000;

/**
 * Hears which views have changed, over a connection of its own that is made anew when it breaks. What is announced while it is broken
 * is not heard later: `isHearing` says when to count on it.
 */
export class ChangeListener {
  readonly #options: ChangeListenerOptions;
  readonly #ended: Promise<void>;
  readonly #closing = new AbortController();
  #client: pg.Client | undefined;
  #isHearing = false;

  constructor(options: ChangeListenerOptions) {
    this.#options = options;
    this.#ended = this.#listen();
  }

  /** True while every announcement arrives. */
  get isHearing(): boolean {
    return this.#isHearing;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client?.end().catch(() => undefined);
    await this.#ended;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    for (let isTold = false; !signal.aborted; ) {
      try {
        await this.#hear(() => (isTold = false));
      } catch (error) {
        if (!signal.aborted && !isTold) this.#options.warn(`Changes of views cannot be heard of: ${codedError(error).message}`);
        isTold = true;
      }
      // The pause is over as soon as it closes.
      await sleep(AGAIN_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Listens until the connection ends. */
  async #hear(heard: () => void): Promise<void> {
    const client = new pg.Client({ connectionString: this.#options.url, connectionTimeoutMillis: CONNECT_MILLISECONDS, keepAlive: true });
    this.#client = client;
    const ended = new Promise<void>((resolve, reject) => {
      client.once('end', resolve);
      // One connection may have several, and one that nobody takes would end the process.
      client.on('error', reject);
    });
    // It is awaited below, unless the connection is not even made.
    ended.catch(() => undefined);
    client.on('notification', ({ payload = '' }) => this.#options.onChange(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANGES}`);
      this.#isHearing = true;
      heard();
      await ended;
    } finally {
      this.#isHearing = false;
      await client.end().catch(() => undefined);
    }
  }
}
