import type { Key, Timestamp, Watermark } from '@weir/model';
import { comparePlaces } from './place-order.ts';
import type { Layer } from './table.ts';
import type { View } from './view.ts';

/** What the merge needs to know of a row: the newest version of one key and window in one layer, withdrawn ones left out. */
export interface MergeableRow {
  readonly key: Key;
  /** Inclusive. */
  readonly start: Timestamp;
  /** Exclusive. */
  readonly end: Timestamp;
  readonly isLast: boolean;
}

export interface MergedRow<Row extends MergeableRow> {
  readonly layer: Layer;
  readonly row: Row;
}

/**
 * The rule of the merge in plain code, which `viewQuery` says in SQL. The batch rows are those of the owning run; without a
 * frontier every row is the speed layer's. In the order of the end, the key's text and the start. O(b * s) for session views.
 */
export function mergeRows<Row extends MergeableRow>(
  view: Pick<View, 'windows'>,
  batchRows: readonly Row[],
  speedRows: readonly Row[],
  options: { readonly frontier: Watermark | null; readonly finality: 'any' | 'final'; readonly settledUpTo?: Watermark | undefined },
): readonly MergedRow<Row>[] {
  const frontier = options.frontier ?? Number.NEGATIVE_INFINITY;
  const live = speedRows.filter((row) => row.end > frontier);
  const owned = batchRows.filter((row) => row.end <= frontier);
  const kept = view.windows === 'session' ? owned.filter((row) => !live.some((other) => overlap(row, other))) : owned;
  const settled = options.settledUpTo ?? Number.NEGATIVE_INFINITY;
  const speed = options.finality === 'final' ? live.filter((row) => row.isLast || row.end <= settled) : live;
  return [
    ...kept.map((row): MergedRow<Row> => ({ layer: 'batch', row })),
    ...speed.map((row): MergedRow<Row> => ({ layer: 'speed', row })),
  ].sort((a, b) => comparePlaces(a.row, b.row));
}

function overlap(a: MergeableRow, b: MergeableRow): boolean {
  return a.key === b.key && a.start < b.end && b.start < a.end;
}
