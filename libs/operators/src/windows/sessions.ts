import type { KeyTable, Timestamp, Watermark } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import { MinHeap } from './min-heap.ts';

/** One session of one key; its rows are in the accumulator slot. */
export interface Session {
  readonly keySlot: number;
  start: Timestamp;
  end: Timestamp;
  readonly slot: number;
  /** Counts the sessions as they are opened: those that end together fire in this order. */
  readonly ordinal: number;
  /** How often this window has fired since it has these bounds. */
  firings: number;
  /** Rows came since the last firing. */
  touched: boolean;
  /** The watermark has passed its end. */
  closed: boolean;
  /** It went into another one, or has expired. */
  gone: boolean;
}

const NONE: readonly Session[] = [];

/** In order of end, then as they were opened. */
export function byEnd(a: Session, b: Session): number {
  return a.end - b.end || a.ordinal - b.ordinal;
}

/** The live sessions of all keys, and when each ends. */
export class Sessions {
  readonly #keys: KeyTable;
  readonly #aggregates: AggregateSet;
  /** By key slot: sessions that do not touch, ascending. */
  readonly #ofKey = new Map<number, Session[]>();
  /** By the end that a session had when it was put in; checked again when it comes out. Each open session is in. */
  readonly #ends = new MinHeap<Session>();
  readonly #closedEnds = new MinHeap<Session>();
  readonly #freeSlots: number[] = [];
  #slots = 0;
  #opened = 0;
  /** Slots of sessions that were merged in this batch, and the slots they went into. */
  readonly #mergedInto = new Map<number, number>();

  constructor(keys: KeyTable, aggregates: AggregateSet) {
    this.#keys = keys;
    this.#aggregates = aggregates;
  }

  /** The sessions of a key, ascending. */
  ofKey(keySlot: number): readonly Session[] {
    return this.#ofKey.get(keySlot) ?? NONE;
  }

  /** All sessions in the order in which they were opened. */
  all(): readonly Session[] {
    return [...this.#ofKey.values()].flat().sort((a, b) => a.ordinal - b.ordinal);
  }

  /** Open sessions with rows since they last fired, in order of end. */
  touched(): readonly Session[] {
    const found = this.#ends.values.filter((session) => session.touched && !session.gone && !session.closed);
    return [...new Set(found)].sort(byEnd);
  }

  /** Opens a session that touches no other one of its key. */
  open(keySlot: number, start: Timestamp, end: Timestamp): Session {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    this.#aggregates.grow(this.#slots);
    this.#aggregates.reset(slot);
    const session: Session = { keySlot, start, end, slot, ordinal: this.#opened++, firings: 0, touched: false, closed: false, gone: false };
    const mine = this.#ofKey.get(keySlot);
    if (mine === undefined) this.#ofKey.set(keySlot, [session]);
    else mine.splice(lastStartingBy(mine, start) + 1, 0, session);
    this.#ends.push(end, session.ordinal, session);
    return session;
  }

  /** Gives a session new bounds; when its end moves on it is open again until the watermark passes it. */
  stretch(session: Session, start: Timestamp, end: Timestamp): void {
    session.start = start;
    if (end === session.end) return;
    session.end = end;
    // One that is open already is in the heap under an earlier end, and is put back when that comes out.
    if (session.closed) this.#ends.push(end, session.ordinal, session);
    session.closed = false;
  }

  merge(into: Session, from: Session): void {
    this.#aggregates.merge(into.slot, from.slot);
    this.#mergedInto.set(from.slot, into.slot);
    this.#remove(from);
  }

  /** Sends the rows of merged sessions to the slots of those that took them. */
  settle(rowSlots: Int32Array, length: number): void {
    if (this.#mergedInto.size === 0) return;
    for (let i = 0; i < length; i++) {
      let slot = rowSlots[i]!;
      for (let next = this.#mergedInto.get(slot); next !== undefined; next = this.#mergedInto.get(slot)) slot = next;
      rowSlots[i] = slot;
    }
  }

  /** Frees the slots of merged sessions, once nothing refers to them. */
  releaseMerged(): void {
    for (const slot of this.#mergedInto.keys()) this.#freeSlots.push(slot);
    this.#mergedInto.clear();
  }

  /** Marks a session as one whose end the watermark has passed. */
  close(session: Session): void {
    session.closed = true;
    this.#closedEnds.push(session.end, session.ordinal, session);
  }

  /** True when an open session ends at the watermark, and none before it. */
  endsAt(watermark: Watermark): boolean {
    while (this.#ends.least === watermark && this.#ends.size > 0) {
      const session = this.#ends.pop();
      if (session.gone || session.closed) continue;
      this.#ends.push(session.end, session.ordinal, session);
      if (session.end === watermark) return true;
    }
    return false;
  }

  /** The next session with end < watermark that was open, in order of end; it is closed then. Undefined when there is none. */
  takeEnded(watermark: Watermark): Session | undefined {
    while (this.#ends.size > 0 && this.#ends.least < watermark) {
      const { least } = this.#ends;
      const session = this.#ends.pop();
      if (session.gone || session.closed) continue;
      if (session.end > least) {
        this.#ends.push(session.end, session.ordinal, session);
        continue;
      }
      this.close(session);
      return session;
    }
    return undefined;
  }

  /** Drops the closed sessions that end before the bound. */
  expire(bound: Watermark): void {
    while (this.#closedEnds.size > 0 && this.#closedEnds.least < bound) {
      const session = this.#closedEnds.pop();
      if (session.gone || !session.closed || session.end >= bound) continue;
      this.#freeSlots.push(session.slot);
      this.#remove(session);
      this.releaseKeyIfEmpty(session.keySlot);
    }
  }

  releaseKeyIfEmpty(keySlot: number): void {
    if (!this.#ofKey.has(keySlot)) this.#keys.release(keySlot);
  }

  #remove(session: Session): void {
    session.gone = true;
    const mine = this.#ofKey.get(session.keySlot)!;
    if (mine.length === 1) this.#ofKey.delete(session.keySlot);
    else mine.splice(mine.indexOf(session), 1);
  }
}

/** Index of the last session with start <= timestamp, or -1. O(log n). */
export function lastStartingBy(sessions: readonly Session[], timestamp: Timestamp): number {
  let low = 0;
  let high = sessions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sessions[middle]!.start <= timestamp) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
