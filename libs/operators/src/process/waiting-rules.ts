import type { Batch, BinaryReader, BinaryWriter, Timestamp } from '@weir/model';
import { INSERT, WeirError } from '@weir/model';
import { rowCopy } from '../rows/row-copy.ts';

/** A broadcast row that waits for the watermark. */
export interface WaitingRule {
  readonly timestamp: Timestamp;
  readonly row: unknown;
  readonly change: number;
}

interface Placed extends WaitingRule {
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Broadcast rows in the order (timestamp, source, partition, offset, arrival). Every instance has all of them, so they are no keyed
 * state: each instance writes them all, and any one copy restores them. Adding is O(log n) to find the place and O(n) to move what is behind.
 */
export class WaitingRules {
  #waiting: Placed[] = [];
  /** Those before are gone. */
  #first = 0;
  readonly #step: string;
  readonly #limit: number;

  constructor(step: string, limit: number) {
    this.#step = step;
    this.#limit = limit;
  }

  /** The first that waits. */
  get first(): WaitingRule | undefined {
    return this.#waiting[this.#first];
  }

  /** Takes the first out. Amortised O(1). */
  shift(): void {
    this.#first++;
    if (this.#first * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#first);
    this.#first = 0;
  }

  /** Copies the row at a position. Throws BUFFER_FULL. */
  add(batch: Batch, position: number): void {
    if (this.#waiting.length - this.#first >= this.#limit) {
      throw new WeirError('BUFFER_FULL', `${this.#limit} rules wait for the watermark.`, { step: this.#step, remedy: 'Find the input that holds the watermark back (an idle partition wants idleAfter), or raise the limit.' });
    }
    const { origin } = batch;
    const placed = {
      timestamp: batch.timestamps[position]!,
      row: rowCopy(batch, position),
      change: batch.changes?.[position] ?? INSERT,
      source: origin?.source ?? '',
      partition: origin?.partition ?? -1,
      offset: origin?.offsets[position] ?? -1,
    };
    this.#waiting.splice(this.#placeOf(placed), 0, placed);
  }

  write(writer: BinaryWriter): void {
    const waiting = this.#waiting.slice(this.#first);
    writer.int32(waiting.length);
    for (const { timestamp, row, change, source, partition, offset } of waiting) {
      writer.float64(timestamp);
      writer.uint8(change);
      writer.text(source);
      writer.int32(partition);
      writer.float64(offset);
      writer.json(row);
    }
  }

  read(reader: BinaryReader): void {
    for (let left = reader.int32(); left > 0; left--) {
      const [timestamp, change, source, partition, offset] = [reader.float64(), reader.uint8(), reader.text(), reader.int32(), reader.float64()];
      this.#waiting.push({ timestamp, change, source, partition, offset, row: reader.json() });
    }
  }

  /** Behind all that are not after it. */
  #placeOf(placed: Placed): number {
    let low = this.#first;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#waiting[middle]!, placed) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Placed, b: Placed): number {
  if (a.timestamp !== b.timestamp) return a.timestamp - b.timestamp;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.partition - b.partition || a.offset - b.offset;
}
