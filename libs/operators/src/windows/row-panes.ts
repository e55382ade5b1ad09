import type { BinaryReader, BinaryWriter } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';

/** Accumulator slots that are used again. */
export class SlotPool {
  readonly #aggregates: AggregateSet;
  readonly #free: number[] = [];
  #slots = 0;

  constructor(aggregates: AggregateSet) {
    this.#aggregates = aggregates;
  }

  /** A slot that holds nothing. */
  take(): number {
    const slot = this.#free.pop() ?? this.#slots++;
    this.#aggregates.grow(this.#slots);
    this.#aggregates.reset(slot);
    return slot;
  }

  release(slot: number): void {
    this.#free.push(slot);
  }
}

/**
 * The last panes of a key as two stacks, so that their total costs O(1) merges for each pane, whatever the aggregate (as in Tangwongsan
 * et al., "General incremental sliding-window aggregation", 2015): `front` holds for each old pane the total of it and of those behind
 * it up to the flip, `back` the new panes, `total` their total.
 */
export class RowPanes {
  /** The oldest last. */
  readonly #front: number[] = [];
  readonly #back: number[] = [];
  #total = -1;

  get length(): number {
    return this.#front.length + this.#back.length;
  }

  /** Appends a full pane; takes its slot over. */
  push(slot: number, aggregates: AggregateSet, pool: SlotPool): void {
    if (this.#total < 0) this.#total = pool.take();
    aggregates.merge(this.#total, slot);
    this.#back.push(slot);
  }

  /** Merges all panes into a slot, the oldest first. */
  mergeInto(slot: number, aggregates: AggregateSet): void {
    const oldest = this.#front.at(-1);
    if (oldest !== undefined) aggregates.merge(slot, oldest);
    if (this.#total >= 0) aggregates.merge(slot, this.#total);
  }

  /** Drops the oldest pane. */
  shift(aggregates: AggregateSet, pool: SlotPool): void {
    if (this.#front.length === 0) this.#flip(aggregates, pool);
    pool.release(this.#front.pop()!);
  }

  write(writer: BinaryWriter, aggregates: AggregateSet): void {
    writer.int32(this.#front.length);
    for (const slot of this.#front) aggregates.write(slot, writer);
    writer.int32(this.#back.length);
    for (const slot of this.#back) aggregates.write(slot, writer);
  }

  read(reader: BinaryReader, aggregates: AggregateSet, pool: SlotPool): void {
    const read = (): number => {
      const slot = pool.take();
      aggregates.read(slot, reader);
      return slot;
    };
    for (let left = reader.int32(); left > 0; left--) this.#front.push(read());
    for (let left = reader.int32(); left > 0; left--) this.push(read(), aggregates, pool);
  }

  #flip(aggregates: AggregateSet, pool: SlotPool): void {
    let behind = -1;
    for (let slot = this.#back.pop(); slot !== undefined; slot = this.#back.pop()) {
      if (behind >= 0) aggregates.merge(slot, behind);
      this.#front.push(slot);
      behind = slot;
    }
    pool.release(this.#total);
    this.#total = -1;
  }
}
