/** What a row does to the table that a stream is the changelog of (after Flink's RowKind). */
export type Change = 'insert' | 'update-before' | 'update-after' | 'delete';

/** Codes in `Batch.changes`, by position in this list. */
export const CHANGES: readonly Change[] = ['insert', 'update-before', 'update-after', 'delete'];
export const INSERT = 0;
/** The row as it was, taken back; an UPDATE_AFTER with the same key follows. */
export const UPDATE_BEFORE = 1;
export const UPDATE_AFTER = 2;
/** The row is in the table no more. */
export const DELETE = 3;

/** True when a row of this code takes something back: UPDATE_BEFORE or DELETE. */
export function isRetraction(change: number): boolean {
  return change === UPDATE_BEFORE || change === DELETE;
}
