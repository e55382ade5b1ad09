import type { BinaryReader, BinaryWriter, Timestamp } from '@weir/model';
import { WeirError } from '@weir/model';
import { compareKeys } from '../tables/key-order.ts';
import type { KeyEntry } from './keyed-state.ts';

/** A timer that is set. */
export interface SetTimer {
  readonly entry: KeyEntry;
  readonly time: Timestamp;
  readonly name: string;
  /** Event time at which it was set: what a processing-time timer emits at, when the watermark is not beyond it. */
  readonly setAt: Timestamp;
}

interface Node extends SetTimer {
  /** False once it was deleted. */
  live: boolean;
}

/**
 * Timers of one kind, in the order (time, key, name): one for each of these, however often it is set. A binary heap; setting, deleting
 * and firing are O(log n), deleted timers leave when their time comes or when they are the greater part.
 */
export class TimerQueue {
  #heap: Node[] = [];
  #dead = 0;
  readonly #byEntry = new Map<KeyEntry, Map<string, Node>>();
  readonly #step: string;
  readonly #limit: number;

  constructor(step: string, limit: number) {
    this.#step = step;
    this.#limit = limit;
  }

  /** How many are set. */
  get size(): number {
    return this.#heap.length - this.#dead;
  }

  /** Sets a timer, unless it is set. Throws TIMER_TIME and TIMER_LIMIT. */
  set(entry: KeyEntry, time: Timestamp, name: string, setAt: Timestamp): void {
    if (!Number.isFinite(time)) throw new WeirError('TIMER_TIME', `A timer was set for ${time}.`, { step: this.#step, remedy: 'Use a time in milliseconds since the epoch.' });
    let mine = this.#byEntry.get(entry);
    const id = idOf(time, name);
    if (mine?.has(id)) return;
    if (entry.timers >= this.#limit) {
      throw new WeirError('TIMER_LIMIT', `Key ${JSON.stringify(entry.key)} has set more than ${this.#limit} timers.`, { step: this.#step, remedy: 'Set one timer for what comes next instead of one for each row, or raise maxTimers.' });
    }
    if (mine === undefined) this.#byEntry.set(entry, (mine = new Map<string, Node>()));
    const node = { entry, time, name, setAt, live: true };
    mine.set(id, node);
    entry.timers++;
    this.#push(node);
  }

  /** Deletes a timer; answers whether it was set. */
  remove(entry: KeyEntry, time: Timestamp, name: string): boolean {
    const node = this.#byEntry.get(entry)?.get(idOf(time, name));
    if (node === undefined) return false;
    this.#forget(node);
    if (++this.#dead * 2 > this.#heap.length) this.#compact();
    return true;
  }

  /** Takes out the first timer with time <= `time`; undefined when there is none. */
  take(time: Timestamp): SetTimer | undefined {
    for (let first = this.#heap[0]; first !== undefined && first.time <= time; first = this.#heap[0]) {
      this.#pop();
      if (first.live) {
        this.#forget(first);
        return first;
      }
      this.#dead--;
    }
    return undefined;
  }

  /** Writes the timers of a key in order. */
  write(entry: KeyEntry, writer: BinaryWriter): void {
    const nodes = [...(this.#byEntry.get(entry)?.values() ?? [])].sort(compareTimers);
    writer.int32(nodes.length);
    for (const { time, name, setAt } of nodes) {
      writer.float64(time);
      writer.text(name);
      writer.float64(setAt);
    }
  }

  read(entry: KeyEntry, reader: BinaryReader): void {
    for (let left = reader.int32(); left > 0; left--) {
      const time = reader.float64();
      const name = reader.text();
      this.set(entry, time, name, reader.float64());
    }
  }

  #forget(node: Node): void {
    node.live = false;
    node.entry.timers--;
    const mine = this.#byEntry.get(node.entry)!;
    mine.delete(idOf(node.time, node.name));
    if (mine.size === 0) this.#byEntry.delete(node.entry);
  }

  /** A sorted array is a heap. */
  #compact(): void {
    this.#heap = this.#heap.filter(({ live }) => live).sort(compareTimers);
    this.#dead = 0;
  }

  #push(node: Node): void {
    const heap = this.#heap;
    let at = heap.push(node) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compareTimers(heap[parent]!, node) <= 0) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = node;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && compareTimers(heap[child + 1]!, heap[child]!) < 0) child++;
      if (compareTimers(last, heap[child]!) <= 0) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function idOf(time: Timestamp, name: string): string {
  return `${time} ${name}`;
}

function compareTimers(a: SetTimer, b: SetTimer): number {
  if (a.time !== b.time) return a.time - b.time;
  const byKey = a.entry === b.entry ? 0 : compareKeys(a.entry.key, b.entry.key);
  if (byKey !== 0 || a.name === b.name) return byKey;
  return a.name < b.name ? -1 : 1;
}
