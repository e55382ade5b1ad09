import type { Batch } from '@weir/model';

/** A copy of the row at a position that stays valid after the call which was given the batch. */
export function rowCopy(batch: Batch, position: number): unknown {
  const row = batch.at(position);
  if (Array.isArray(row)) return [...(row as unknown[])];
  return typeof row === 'object' && row !== null ? { ...row } : row;
}
