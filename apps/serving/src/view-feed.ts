import { randomBytes } from 'node:crypto';
import type { ServedRow, View } from '@weir/views';
import { rowJson } from './row-json.ts';

/** Newest rows of a view that a feed watches. */
export const WATCHED_ROWS = 2_000;
/** Changes that a client may be behind, or away, without having to begin anew. */
const KEPT_CHANGES = 8_000;
const MAX_CLIENTS = 64;
const POLL_MILLISECONDS = 1_000;
/** A poll may take this part of the time at most. */
const POLL_SHARE = 0.2;

/** One thing that happened to a view. */
export interface Change {
  readonly sequence: number;
  readonly event: 'row' | 'removed' | 'gap';
  /** Null when it concerns no one key. */
  readonly key: string | null;
  readonly complete: boolean;
  /** JSON text. */
  readonly data: string;
}

interface WatchedRow {
  readonly row: ServedRow;
  readonly json: string;
}

/** Is told that there may be more to read. */
export interface FeedClient {
  wake(): void;
}

/** The newest rows of a view, newest first. */
export type ReadNewest = (view: View, limit: number) => Promise<readonly ServedRow[]>;

export interface ViewFeedOptions {
  readonly view: View;
  readonly read: ReadNewest;
  readonly onError: (error: unknown) => void;
  readonly pollMilliseconds?: number;
}

/**
 * What changes in the newest rows of a view, found by one poll for all clients and kept for a while, so that each reads on from its
 * own place at its own pace. Polls only while there are clients.
 */
export class ViewFeed {
  /** Of this process; ids of another one cannot be resumed. */
  readonly id = randomBytes(4).toString('hex');
  readonly #options: ViewFeedOptions;
  readonly #clients = new Set<FeedClient>();
  #changes: Change[] = [];
  #sequence = 0;
  #rows = new Map<string, WatchedRow>();
  #polling: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #filled = false;
  #isTurning = false;
  /** When the next look may be taken. */
  #restsUntil = 0;
  /** A change was announced behind the beginning of the last look. */
  #isHinted = false;

  constructor(options: ViewFeedOptions) {
    this.#options = options;
  }

  get clients(): number {
    return this.#clients.size;
  }

  get full(): boolean {
    return this.#clients.size >= MAX_CLIENTS;
  }

  /** The place after all changes so far. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Resolves when the rows are known; rejects when they cannot be read. */
  async ready(): Promise<void> {
    if (!this.#filled) await this.poll();
  }

  join(client: FeedClient): void {
    this.#clients.add(client);
    this.#schedule();
  }

  /** Something has changed, as was announced: it is looked for as soon as the last look allows. */
  changed(): void {
    if (this.#clients.size === 0) return;
    this.#isHinted = true;
    if (this.#isTurning || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#schedule(Math.max(0, this.#restsUntil - performance.now()));
  }

  leave(client: FeedClient): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Newest rows, oldest of them first, as JSON text. */
  newest(limit: number, accept: (row: ServedRow) => boolean): readonly string[] {
    const found: string[] = [];
    for (const { row, json } of this.#rows.values()) {
      if (found.length === limit) break;
      if (accept(row)) found.push(json);
    }
    return found.reverse();
  }

  /** The next change after a place; undefined when there is none yet, null when it is not kept any more. */
  after(sequence: number): Change | undefined | null {
    if (sequence > this.#sequence) return null;
    if (sequence === this.#sequence) return undefined;
    const first = this.#changes[0];
    if (first === undefined || sequence + 1 < first.sequence) return null;
    return this.#changes[sequence + 1 - first.sequence];
  }

  /** Looks for changes now. Those who ask at once share one look. */
  poll(): Promise<void> {
    this.#polling ??= this.#look().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  #schedule(pause: number = this.#options.pollMilliseconds ?? POLL_MILLISECONDS): void {
    if (this.#timer !== null || this.#clients.size === 0) return;
    this.#timer = setTimeout(() => void this.#turn(), pause);
  }

  async #turn(): Promise<void> {
    const pause = this.#options.pollMilliseconds ?? POLL_MILLISECONDS;
    const began = performance.now();
    this.#isTurning = true;
    this.#isHinted = false;
    try {
      await this.poll();
    } catch (error) {
      this.#options.onError(error);
    }
    this.#timer = null;
    this.#isTurning = false;
    const now = performance.now();
    const rest = (now - began) / POLL_SHARE;
    this.#restsUntil = now + rest;
    this.#schedule(this.#isHinted ? rest : Math.max(pause, rest));
  }

  async #look(): Promise<void> {
    const found = await this.#options.read(this.#options.view, WATCHED_ROWS);
    const rows = new Map<string, WatchedRow>();
    for (const row of found) rows.set(identity(row), { row, json: JSON.stringify(rowJson(row)) });
    const before = this.#rows;
    this.#rows = rows;
    if (!this.#filled) {
      this.#filled = true;
      return;
    }
    this.#record(before, rows);
    for (const client of this.#clients) client.wake();
  }

  #record(before: ReadonlyMap<string, WatchedRow>, rows: ReadonlyMap<string, WatchedRow>): void {
    const oldest = rows.size < WATCHED_ROWS ? undefined : [...rows.values()].at(-1)!.row;
    const newestBefore = before.values().next().value?.row;
    if (oldest !== undefined && (newestBefore === undefined || oldest.end > newestBefore.end)) {
      this.#push('gap', null, true, JSON.stringify({ from: newestBefore?.end ?? null, to: oldest.end }));
    }
    for (const [id, { row }] of before) {
      if (rows.has(id) || (oldest !== undefined && row.end <= oldest.end)) continue;
      this.#push('removed', row.key, row.label.complete, JSON.stringify({ key: row.key, window: { start: row.start, end: row.end } }));
    }
    for (const [id, { row, json }] of [...rows].reverse()) {
      if (before.get(id)?.json !== json) this.#push('row', row.key, row.label.complete, json);
    }
    if (this.#changes.length > KEPT_CHANGES) this.#changes = this.#changes.slice(-KEPT_CHANGES);
  }

  #push(event: Change['event'], key: string | null, complete: boolean, data: string): void {
    this.#changes.push({ sequence: ++this.#sequence, event, key, complete, data });
  }
}

function identity(row: ServedRow): string {
  return `${row.end}.${row.start}.${row.key}`;
}
