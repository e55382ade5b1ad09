import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';

/** Accumulators of an aggregator that has no typed-array form: one object for each slot, one call for each row. */
export class ObjectColumns<A, Out> implements AccumulatorColumns<Out> {
  readonly #aggregator: Aggregator<never, A, Out>;
  readonly #held: A[] = [];
  readonly retract?: (into: number, from: number) => void;

  constructor(aggregator: Aggregator<never, A, Out>) {
    this.#aggregator = aggregator;
    if (aggregator.retract !== undefined) {
      this.retract = (into, from) => {
        this.#held[into] = aggregator.retract!(this.#held[into]!, this.#held[from]!);
      };
    }
  }

  grow(): void {}

  reset(slot: number): void {
    this.#held[slot] = this.#aggregator.create();
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const aggregator = this.#aggregator;
    const held = this.#held;
    for (let i = 0; i < batch.length; i++) {
      const slot = slots[i]!;
      if (slot >= 0) held[slot] = aggregator.add(held[slot]!, batch.at(batch.rows[i]!) as never);
    }
  }

  merge(into: number, from: number): void {
    this.#held[into] = this.#aggregator.merge(this.#held[into]!, this.#held[from]!);
  }

  finish(slot: number): Out {
    return this.#aggregator.finish(this.#held[slot]!);
  }

  write(slot: number, writer: BinaryWriter): void {
    this.#aggregator.write(this.#held[slot]!, writer);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#held[slot] = this.#aggregator.read(reader);
  }
}
