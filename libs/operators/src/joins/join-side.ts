import type { Timestamp, Watermark } from '@weir/model';
import { invariant } from '@weir/model';
import { MinHeap } from '../windows/min-heap.ts';
import type { KeptRow } from './kept-row.ts';
import { Timeline } from './timeline.ts';

/** When a row of a side can be forgotten: monotonous, false for a later row whenever it is for an earlier one. */
export type IsDead = (timestamp: Timestamp, watermark: Watermark) => boolean;

/** The rows of one input of a join, by key, with a heap of the keys that expire next. */
export class JoinSide {
  readonly #isDead: IsDead;
  /** By key slot. */
  readonly #timelines: (Timeline | undefined)[] = [];
  readonly #expiry = new MinHeap<Timeline>();
  #size = 0;

  constructor(isDead: IsDead) {
    this.#isDead = isDead;
  }

  /** Rows held. */
  get size(): number {
    return this.#size;
  }

  timeline(keySlot: number): Timeline | undefined {
    return this.#timelines[keySlot];
  }

  isDead(timestamp: Timestamp, watermark: Watermark): boolean {
    return this.#isDead(timestamp, watermark);
  }

  insert(keySlot: number, kept: KeptRow): void {
    const timeline = (this.#timelines[keySlot] ??= new Timeline(keySlot));
    const place = timeline.insert(kept);
    this.#size++;
    if (place === 0) this.#schedule(timeline);
  }

  /** Takes out the rows from <= index < to of a key. */
  remove(timeline: Timeline, from: number, to: number): void {
    timeline.remove(from, to);
    this.#size -= to - from;
    if (timeline.size > 0) return;
    timeline.scheduled = Number.NaN;
    this.#timelines[timeline.keySlot] = undefined;
  }

  /** Forgets what can be forgotten at a watermark, and tells the keys that have nothing left. O(log keys) for a key, amortised O(1) for a row. */
  expire(watermark: Watermark, emptied: (keySlot: number) => void): void {
    while (this.#expiry.size > 0 && this.#isDead(this.#expiry.least, watermark)) {
      const rank = this.#expiry.least;
      const timeline = this.#expiry.pop();
      if (timeline.scheduled !== rank) continue; // an earlier row has come since, or the key has gone
      let dead = 0;
      while (dead < timeline.size && this.#isDead(timeline.at(dead).timestamp, watermark)) dead++;
      timeline.scheduled = Number.NaN;
      this.remove(timeline, 0, dead);
      if (timeline.size > 0) this.#schedule(timeline);
      else emptied(timeline.keySlot);
    }
    invariant(this.#size >= 0, 'a side of a join holds no less than nothing');
  }

  /** Slots of the keys that have rows, ascending. */
  keySlots(): readonly number[] {
    return this.#timelines.flatMap((timeline, keySlot) => (timeline === undefined ? [] : [keySlot]));
  }

  #schedule(timeline: Timeline): void {
    const first = timeline.at(0).timestamp;
    if (timeline.scheduled <= first) return;
    timeline.scheduled = first;
    this.#expiry.push(first, timeline.keySlot, timeline);
  }
}
