import type { ServerResponse } from 'node:http';
import type { ServedRow } from '@weir/views';
import type { Change, FeedClient, ViewFeed } from './view-feed.ts';

const HEARTBEAT_MILLISECONDS = 10_000;
/** A client that takes nothing for so long is dropped; it may resume. */
const STALLED_MILLISECONDS = 30_000;

export interface StreamClientOptions {
  readonly feed: ViewFeed;
  readonly response: ServerResponse;
  /** Newest rows to begin with, at most. */
  readonly limit: number;
  readonly key: string | undefined;
  readonly finality: 'any' | 'final';
  /** Id of the last event that the client has seen. */
  readonly lastEventId: string | undefined;
}

/**
 * One open stream. It keeps a place in the feed and nothing else: when the connection is full it waits, and reads on from its place
 * later, or begins anew when the feed has forgotten it.
 */
export class StreamClient implements FeedClient {
  readonly #options: StreamClientOptions;
  readonly #heartbeat: NodeJS.Timeout;
  #sequence: number | null;
  #blockedSince: number | null = null;
  #ended = false;

  constructor(options: StreamClientOptions) {
    this.#options = options;
    this.#sequence = placeOf(options.feed, options.lastEventId);
    options.response.on('drain', () => {
      this.#blockedSince = null;
      this.wake();
    });
    options.response.on('close', () => this.end());
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MILLISECONDS);
    options.feed.join(this);
  }

  /** Sends what the client has not seen, as far as the connection takes it. */
  wake(): void {
    const { feed } = this.#options;
    while (!this.#ended && this.#blockedSince === null) {
      const change = this.#sequence === null ? null : feed.after(this.#sequence);
      if (change === undefined) return;
      if (change === null) {
        this.#begin();
      } else {
        this.#sequence = change.sequence;
        if (this.#wants(change)) this.#send(`id: ${feed.id}-${change.sequence}\nevent: ${change.event}\ndata: ${change.data}\n\n`);
      }
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#heartbeat);
    this.#options.feed.leave(this);
    this.#options.response.end();
  }

  /** The newest rows; only the last event has the id, so that a client cut off in between begins anew. */
  #begin(): void {
    const { feed, limit } = this.#options;
    this.#sequence = feed.sequence;
    const rows = feed.newest(limit, (row) => this.#accepts(row));
    const frames = rows.map((json) => `event: row\ndata: ${json}\n\n`).join('');
    this.#send(`event: reset\ndata: {"rows":${rows.length}}\n\n${frames}id: ${feed.id}-${feed.sequence}\nevent: ready\ndata: {}\n\n`);
  }

  #accepts(row: ServedRow): boolean {
    const { key, finality } = this.#options;
    return (key === undefined || row.key === key) && (finality === 'any' || row.label.complete);
  }

  #wants(change: Change): boolean {
    const { key, finality } = this.#options;
    return (key === undefined || change.key === null || change.key === key) && (finality === 'any' || change.complete);
  }

  #send(text: string): void {
    if (!this.#options.response.write(text)) this.#blockedSince ??= performance.now();
  }

  #beat(): void {
    if (this.#blockedSince === null) {
      this.#send(': heartbeat\n\n');
    } else if (performance.now() - this.#blockedSince > STALLED_MILLISECONDS) {
      this.#options.response.destroy();
    }
  }
}

/** Null when the id is none of this feed's. */
function placeOf(feed: ViewFeed, id: string | undefined): number | null {
  const [of, sequence] = id?.split('-') ?? [];
  return of === feed.id && sequence !== undefined && /^\d{1,15}$/.test(sequence) ? Number(sequence) : null;
}
