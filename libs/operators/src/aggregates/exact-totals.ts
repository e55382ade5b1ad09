import type { BinaryReader, BinaryWriter } from '@weir/model';
import { ExactSum } from './exact-sum.ts';
import { grownFloats } from './grow.ts';

/** Exact sums by slot: in a Float64Array while they are whole numbers that it holds exactly; NaN sends a slot to its ExactSum. */
export class ExactTotals {
  #plain = new Float64Array(0);
  readonly #exact = new Map<number, ExactSum>();

  grow(capacity: number): void {
    this.#plain = grownFloats(this.#plain, capacity);
  }

  reset(slot: number): void {
    this.#plain[slot] = 0;
    if (this.#exact.size > 0) this.#exact.delete(slot);
  }

  /** NaN is passed over. Throws AGGREGATE_NOT_FINITE on an infinity. */
  add(slot: number, value: number): void {
    const total = this.#plain[slot]! + value;
    if (Math.floor(value) === value && total <= Number.MAX_SAFE_INTEGER && total >= Number.MIN_SAFE_INTEGER) this.#plain[slot] = total;
    else if (value === value) this.#exactly(slot).add(value);
  }

  /** `values` lie by position; slots and rows as for `AccumulatorColumns.addBatch`. */
  addAll(slots: Int32Array, values: Float64Array, rows: Int32Array, length: number): void {
    const plain = this.#plain;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      const value = values[rows[i]!]!;
      const total = plain[slot]! + value;
      if (Math.floor(value) === value && total <= Number.MAX_SAFE_INTEGER && total >= Number.MIN_SAFE_INTEGER) plain[slot] = total;
      else if (value === value) this.#exactly(slot).add(value);
    }
  }

  merge(into: number, from: number): void {
    const total = this.#plain[into]! + this.#plain[from]!;
    if (total <= Number.MAX_SAFE_INTEGER && total >= Number.MIN_SAFE_INTEGER) this.#plain[into] = total;
    else this.#exactly(into).merge(this.view(from));
  }

  retract(into: number, from: number): void {
    const total = this.#plain[into]! - this.#plain[from]!;
    if (total <= Number.MAX_SAFE_INTEGER && total >= Number.MIN_SAFE_INTEGER) this.#plain[into] = total;
    else this.#exactly(into).retract(this.view(from));
  }

  value(slot: number): number {
    return this.#exact.get(slot)?.value() ?? this.#plain[slot]!;
  }

  /** The sum of a slot; to be read only. */
  view(slot: number): ExactSum {
    const exact = this.#exact.get(slot);
    if (exact !== undefined) return exact;
    const plain = new ExactSum();
    plain.add(this.#plain[slot]!);
    return plain;
  }

  write(slot: number, writer: BinaryWriter): void {
    this.view(slot).write(writer);
  }

  read(slot: number, reader: BinaryReader): void {
    const sum = ExactSum.read(reader);
    if (!sum.isPlain) this.#exact.set(slot, sum);
    this.#plain[slot] = sum.isPlain ? sum.value() : Number.NaN;
  }

  /** The slot's ExactSum, which from now on holds its sum. */
  #exactly(slot: number): ExactSum {
    let exact = this.#exact.get(slot);
    if (exact === undefined) {
      exact = this.view(slot);
      this.#exact.set(slot, exact);
      this.#plain[slot] = Number.NaN;
    }
    return exact;
  }
}
