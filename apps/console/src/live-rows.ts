import type { Row, WindowBounds } from './serving-api.ts';

/** The part of an EventSource that is used, so that a test can play it. */
export interface EventStream {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface LiveRowsOptions {
  readonly view: string;
  /** Newest rows to begin with, and about as many are kept. */
  readonly limit: number;
  readonly open?: (path: string) => EventStream;
}

/** What is known of a view at one moment; a new object whenever something changed. */
export interface LiveSnapshot<Data> {
  /** Newest window first, then by key. */
  readonly rows: readonly Row<Data>[];
  readonly connection: 'opening' | 'open' | 'lost';
}

const CLOSED = 2;
const REOPEN_MILLISECONDS = 3_000;
/** Changes come in bursts; the page is drawn at most so often. */
const DRAW_MILLISECONDS = 200;

/** The newest rows of a view, kept current by its stream. Nothing is open while nobody listens. */
export class LiveRows<Data> {
  readonly #options: LiveRowsOptions;
  readonly #listeners = new Set<() => void>();
  #rows = new Map<string, Row<Data>>();
  #arriving: Map<string, Row<Data>> | null = null;
  #snapshot: LiveSnapshot<Data> = { rows: [], connection: 'opening' };
  #connection: LiveSnapshot<Data>['connection'] = 'opening';
  #stream: EventStream | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #reopening: ReturnType<typeof setTimeout> | null = null;

  constructor(options: LiveRowsOptions) {
    this.#options = options;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#stream === null) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  readonly snapshot = (): LiveSnapshot<Data> => this.#snapshot;

  #open(): void {
    const { view, limit, open = (path: string): EventStream => new EventSource(path) } = this.#options;
    const stream = open(`/v1/views/${view}/stream?limit=${limit}`);
    this.#stream = stream;
    stream.addEventListener('reset', () => {
      this.#arriving = new Map();
    });
    stream.addEventListener('row', ({ data }) => {
      const row = JSON.parse(data) as Row<Data>;
      (this.#arriving ?? this.#rows).set(identity(row.key, row.window), row);
      this.#changed('open');
    });
    stream.addEventListener('removed', ({ data }) => {
      const { key, window } = JSON.parse(data) as Pick<Row<Data>, 'key' | 'window'>;
      this.#rows.delete(identity(key, window));
      this.#changed('open');
    });
    stream.addEventListener('gap', () => {
      // More has passed than the stream watches, and all that it watches follows: what is held is from before, with holes after it.
      this.#rows.clear();
    });
    stream.addEventListener('ready', () => {
      // The rows of a new beginning take the place of the old ones at once, so that the page never shows half of them.
      if (this.#arriving !== null) this.#rows = this.#arriving;
      this.#arriving = null;
      this.#changed('open');
    });
    stream.addEventListener('error', () => {
      this.#changed('lost');
      // The browser reopens a stream that broke, but not one that was refused.
      if (stream.readyState === CLOSED) this.#reopening ??= setTimeout(() => this.#reopen(), REOPEN_MILLISECONDS);
    });
  }

  #reopen(): void {
    this.#reopening = null;
    this.#stream?.close();
    if (this.#listeners.size > 0) this.#open();
  }

  #close(): void {
    this.#stream?.close();
    this.#stream = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#reopening !== null) clearTimeout(this.#reopening);
    this.#timer = this.#reopening = null;
  }

  #changed(connection: LiveSnapshot<Data>['connection']): void {
    this.#connection = connection;
    this.#timer ??= setTimeout(() => this.#publish(), DRAW_MILLISECONDS);
  }

  #publish(): void {
    this.#timer = null;
    const rows = [...this.#rows.values()].sort(newestFirst);
    if (rows.length > 2 * this.#options.limit) {
      rows.length = this.#options.limit;
      this.#rows = new Map(rows.map((row) => [identity(row.key, row.window), row]));
    }
    this.#snapshot = { rows, connection: this.#connection };
    for (const listener of this.#listeners) listener();
  }
}

function identity(key: string, { start, end }: WindowBounds): string {
  return `${end}.${start}.${key}`;
}

function newestFirst(a: Row<unknown>, b: Row<unknown>): number {
  if (a.window.end !== b.window.end) return b.window.end - a.window.end;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : b.window.start - a.window.start;
}
