import type { Collector, Timestamp } from '@weir/model';
import { INSERT, RowBatch } from '@weir/model';

/** Collects rows of one output and emits them as one batch. */
export class RowOutput {
  #rows: unknown[] = [];
  #timestamps: number[] = [];
  #changes: number[] = [];
  #changelog = false;

  get length(): number {
    return this.#rows.length;
  }

  /** `change` is a code of `Batch.changes`; the row must not be changed afterwards. */
  add(row: unknown, timestamp: Timestamp, change: number = INSERT): void {
    this.#rows.push(row);
    this.#timestamps.push(timestamp);
    this.#changes.push(change);
    if (change !== INSERT) this.#changelog = true;
  }

  /** Emits what was added since the last call, if anything was. */
  emit(out: Collector, port = 0): void {
    if (this.#rows.length === 0) return;
    const timestamps = Float64Array.from(this.#timestamps);
    const batch = new RowBatch(this.#rows, this.#changelog ? { timestamps, changes: Uint8Array.from(this.#changes) } : { timestamps });
    this.#rows = [];
    this.#timestamps = [];
    this.#changes = [];
    this.#changelog = false;
    out.emit(batch, port);
  }
}
