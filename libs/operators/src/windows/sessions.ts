import type { KeyTable, Timestamp, Watermark } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import { MinHeap } from './min-heap.ts';

/** One session of one key; its rows are in the accumulator slot. */
export interface Session {
  readonly keySlot: number;
  start: Timestamp;
  end: Timestamp;
  readonly slot: number;
  /** How often this window has fired since it has these bounds. */
  firings: number;
  /** Rows came since the last firing. */
  touched: boolean;
  /** The watermark has passed its end. */
  closed: boolean;
  /** It went into another one. */
  merged: boolean;
}

const NONE: readonly Session[] = [];

/** The live sessions of all keys, and when each ends. */
export class Sessions {
  readonly #keys: KeyTable;
  readonly #aggregates: AggregateSet;
  readonly #ofKey = new Map<number, Session[]>();
  /** By the end that a session had when it was put in; checked again when it comes out. */
  readonly #ends = new MinHeap<Session>();
  readonly #closedEnds = new MinHeap<Session>();
  readonly #freeSlots: number[] = [];
  #slots = 0;
  /** Slots of sessions that were merged in this batch, and the slots they went into. */
  readonly #mergedInto = new Map<number, number>();

  constructor(keys: KeyTable, aggregates: AggregateSet) {
    this.#keys = keys;
    this.#aggregates = aggregates;
  }

  ofKey(keySlot: number): readonly Session[] {
    return this.#ofKey.get(keySlot) ?? NONE;
  }

  *all(): Iterable<Session> {
    for (const sessions of this.#ofKey.values()) yield* sessions;
  }

  open(keySlot: number, start: Timestamp, end: Timestamp): Session {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    this.#aggregates.grow(this.#slots);
    this.#aggregates.reset(slot);
    const session: Session = { keySlot, start, end, slot, firings: 0, touched: false, closed: false, merged: false };
    const mine = this.#ofKey.get(keySlot);
    if (mine === undefined) this.#ofKey.set(keySlot, [session]);
    else mine.push(session);
    this.#ends.push(end, session);
    return session;
  }

  /** Gives a session new bounds; when its end moves on it is open again until the watermark passes it. */
  stretch(session: Session, start: Timestamp, end: Timestamp): void {
    session.start = start;
    if (end === session.end) return;
    session.end = end;
    // One that is open already is in the heap under an earlier end, and is put back when that comes out.
    if (session.closed) this.#ends.push(end, session);
    session.closed = false;
  }

  merge(into: Session, from: Session): void {
    from.merged = true;
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
    this.#closedEnds.push(session.end, session);
  }

  /** The next session with end <= watermark that was open, in order of end; it is closed then. Undefined when there is none. */
  takeEnded(watermark: Watermark): Session | undefined {
    while (this.#ends.size > 0 && this.#ends.least <= watermark) {
      const { least } = this.#ends;
      const session = this.#ends.pop();
      if (session.merged || session.closed) continue;
      if (session.end > least) {
        this.#ends.push(session.end, session);
        continue;
      }
      this.close(session);
      return session;
    }
    return undefined;
  }

  /** Drops the closed sessions that end at or before the bound. */
  expire(bound: Watermark): void {
    while (this.#closedEnds.size > 0 && this.#closedEnds.least <= bound) {
      const session = this.#closedEnds.pop();
      if (session.merged || !session.closed || session.end > bound) continue;
      session.merged = true;
      this.#freeSlots.push(session.slot);
      this.#remove(session);
      this.releaseKeyIfEmpty(session.keySlot);
    }
  }

  releaseKeyIfEmpty(keySlot: number): void {
    if (!this.#ofKey.has(keySlot)) this.#keys.release(keySlot);
  }

  #remove(session: Session): void {
    const mine = this.#ofKey.get(session.keySlot)!;
    if (mine.length === 1) this.#ofKey.delete(session.keySlot);
    else mine.splice(mine.indexOf(session), 1);
  }
}
