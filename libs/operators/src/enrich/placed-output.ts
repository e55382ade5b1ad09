import type { Collector } from '@weir/model';
import { INSERT, RowBatch } from '@weir/model';
import type { PendingRow } from './pending-row.ts';

interface Made {
  readonly from: PendingRow;
  readonly row: unknown;
}

/** Collects rows of one output that were made from others, and emits them in order with the times, changes and places in the log of those: one batch for each run of rows of one partition. */
export class PlacedOutput {
  #made: Made[] = [];

  add(from: PendingRow, row: unknown): void {
    this.#made.push({ from, row });
  }

  /** Emits what was added since the last call, if anything was. */
  emit(out: Collector, port: number): void {
    const made = this.#made;
    if (made.length === 0) return;
    this.#made = [];
    let start = 0;
    for (let end = 1; end <= made.length; end++) {
      if (end < made.length && samePartition(made[start]!.from, made[end]!.from)) continue;
      out.emit(batchOf(made.slice(start, end)), port);
      start = end;
    }
  }
}

function samePartition(a: PendingRow, b: PendingRow): boolean {
  return a.place?.source === b.place?.source && a.place?.partition === b.place?.partition;
}

function batchOf(made: readonly Made[]): RowBatch {
  const { place } = made[0]!.from;
  return new RowBatch(
    made.map(({ row }) => row),
    {
      timestamps: Float64Array.from(made, ({ from }) => from.timestamp),
      changes: made.every(({ from }) => from.change === INSERT) ? undefined : Uint8Array.from(made, ({ from }) => from.change),
      origin:
        place === undefined
          ? undefined
          : {
              source: place.source,
              partition: place.partition,
              offsets: Float64Array.from(made, ({ from }) => from.place!.offset),
              logTimestamps: Float64Array.from(made, ({ from }) => from.place!.logTimestamp),
            },
    },
  );
}
