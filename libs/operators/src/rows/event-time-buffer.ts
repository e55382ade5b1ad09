import type { Batch, BinaryReader, BinaryWriter, Key, KeyTable, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { INSERT, WeirError, keyGroupOf } from '@weir/model';
import { rowCopy } from './row-copy.ts';

/** A row that waits for the watermark. */
export interface Waiting {
  readonly keySlot: number;
  /** The input that it came by. */
  readonly input: number;
  readonly timestamp: Timestamp;
  /** A copy. */
  readonly row: unknown;
  /** A code of `Batch.changes`. */
  readonly change: number;
  /** Where it lies in the log; -1 and -1 for a row that is no record. */
  readonly partition: number;
  readonly offset: number;
}

interface Entry extends Waiting {
  readonly source: string;
  /** Counts arrivals. */
  readonly ordinal: number;
  /** The row as text, once a tie asked for it. */
  text: string | undefined;
}

export interface EventTimeBufferOptions {
  /** Rows that may wait at once; more throw BUFFER_FULL. Default 1,000,000. */
  readonly limit?: number;
  /**
   * How rows of one time that are no records of a log leave: by their text, which is the same order in every run (the default), or as they
   * arrived, where whoever takes them makes nothing of their order; texts cost.
   */
  readonly ties?: 'text' | 'arrival';
  /** The step, for errors. */
  readonly step?: string;
}

const DEFAULT_LIMIT = 1_000_000;

/**
 * Rows that wait until the watermark has passed them, and then leave in the order of event time. Ties leave by input, then by source,
 * partition and offset; rows that are no records of a log by their text, and by arrival where that is equal too. So they leave in one
 * order however partitions were interleaved.
 * A binary heap: add and the leaving of a row are O(log n).
 */
export class EventTimeBuffer {
  readonly #keys: KeyTable;
  readonly #limit: number;
  readonly #step: string | undefined;
  /** What stands for the text of a row until it is asked for; the same for all where texts do not matter. */
  readonly #text: string | undefined;
  readonly #heap: Entry[] = [];
  #arrivals = 0;

  constructor(keys: KeyTable, { limit = DEFAULT_LIMIT, ties = 'text', step }: EventTimeBufferOptions = {}) {
    this.#keys = keys;
    this.#limit = limit;
    this.#step = step;
    this.#text = ties === 'text' ? undefined : '';
  }

  get size(): number {
    return this.#heap.length;
  }

  /** The least timestamp that waits; infinity when nothing does. */
  get least(): Timestamp {
    return this.#heap[0]?.timestamp ?? Number.POSITIVE_INFINITY;
  }

  /** True when a row of the key waits. O(n). */
  holds(keySlot: number): boolean {
    return this.#heap.some((entry) => entry.keySlot === keySlot);
  }

  /** Copies the row at a position. Throws BUFFER_FULL. */
  add(keySlot: number, input: number, batch: Batch, position: number): void {
    if (this.#heap.length >= this.#limit) {
      throw new WeirError('BUFFER_FULL', `${this.#limit} rows wait for the watermark.`, {
        ...(this.#step === undefined ? {} : { step: this.#step }),
        remedy: 'Find the input that holds the watermark back (an idle partition wants idleAfter), or raise the limit.',
      });
    }
    const { origin } = batch;
    this.#push({
      keySlot,
      input,
      timestamp: batch.timestamps[position]!,
      row: rowCopy(batch, position),
      change: batch.changes?.[position] ?? INSERT,
      source: origin?.source ?? '',
      partition: origin?.partition ?? -1,
      offset: origin?.offsets[position] ?? -1,
      ordinal: this.#arrivals++,
      text: this.#text,
    });
  }

  /** Takes out the rows with timestamp < watermark, in order. What `visit` adds while it runs leaves too, if it is due. */
  drain(watermark: Watermark, visit: (waiting: Waiting) => void): void {
    while (this.#heap.length > 0 && this.#heap[0]!.timestamp < watermark) visit(this.#pop());
  }

  /** Writes what waits, by key group of its key. */
  write(writer: StateWriter, name: string): void {
    // In order of leaving, and the arrivals counted anew: what waits decides the bytes, not what has left before.
    for (const [ordinal, entry] of [...this.#heap].sort(compare).entries()) writeEntry(writer, name, this.#keys.keyAt(entry.keySlot), { ...entry, ordinal });
  }

  /** Takes in what `write` wrote; `taken` is told of each key slot that a row waits with. */
  read(reader: StateReader, name: string, taken: (keySlot: number) => void = () => undefined): void {
    for (const section of reader.keyed(name)) {
      while (section.remaining > 0) {
        const keySlot = this.#keys.obtain(section.key());
        taken(keySlot);
        const entry = { ...readEntry(section, keySlot), text: this.#text };
        this.#push(entry);
        this.#arrivals = Math.max(this.#arrivals, entry.ordinal + 1);
      }
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compare(heap[parent]!, entry) <= 0) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && compare(heap[child + 1]!, heap[child]!) < 0) child++;
      if (compare(last, heap[child]!) <= 0) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function compare(a: Entry, b: Entry): number {
  if (a.timestamp !== b.timestamp) return a.timestamp - b.timestamp;
  if (a.input !== b.input) return a.input - b.input;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.partition - b.partition || a.offset - b.offset || compareTexts(a, b) || a.ordinal - b.ordinal;
}

function compareTexts(a: Entry, b: Entry): number {
  if (a.offset >= 0) return 0;
  const left = (a.text ??= JSON.stringify(a.row) ?? '');
  const right = (b.text ??= JSON.stringify(b.row) ?? '');
  if (left !== right) return left < right ? -1 : 1;
  return a.change - b.change;
}

function writeEntry(writer: StateWriter, name: string, key: Key, entry: Entry): void {
  const section: BinaryWriter = writer.keyed(name, keyGroupOf(key));
  section.key(key);
  section.float64(entry.timestamp);
  section.int32(entry.input);
  section.uint8(entry.change);
  section.text(entry.source);
  section.int32(entry.partition);
  section.float64(entry.offset);
  section.float64(entry.ordinal);
  section.json(entry.row);
}

function readEntry(section: BinaryReader, keySlot: number): Entry {
  return {
    keySlot,
    timestamp: section.float64(),
    input: section.int32(),
    change: section.uint8(),
    source: section.text(),
    partition: section.int32(),
    offset: section.float64(),
    ordinal: section.float64(),
    row: section.json(),
    text: undefined,
  };
}
