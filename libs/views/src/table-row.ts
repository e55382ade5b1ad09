import type { Batch, Key, Timestamp, Watermark } from '@weir/model';
import { DELETE, MAX_TIMESTAMP, PANE_TIMINGS, invariant } from '@weir/model';
import type { Field } from '@weir/schema';
import type { View } from './view.ts';

/** What the writer of a row says of itself. */
export interface RowLabel {
  readonly taskEpoch: number;
  /** The watermark of the task when it wrote. */
  readonly watermark: Watermark;
  /** The run of a batch row; empty for the speed layer. */
  readonly runId: string;
  readonly codeVersion: string;
}

const PANES_PER_EPOCH = 2 ** 32;
/** Keeps versions exact in a double. */
const MAX_TASK_EPOCH = 2 ** 21 - 1;

/**
 * The version of a row: task epoch x 2^32 + pane index. A newer owner of the task wins over an outlived one whatever panes that
 * one still writes, and within an epoch the later firing wins.
 */
export function rowVersion(taskEpoch: number, paneIndex: number): number {
  invariant(Number.isInteger(taskEpoch) && taskEpoch >= 0 && taskEpoch <= MAX_TASK_EPOCH, `task epoch ${taskEpoch}`);
  invariant(Number.isInteger(paneIndex) && paneIndex >= 0 && paneIndex < PANES_PER_EPOCH, `pane index ${paneIndex}`);
  return taskEpoch * PANES_PER_EPOCH + paneIndex;
}

/** The text of a key in a table. The keys of one step are all of one type, so text and numbers do not meet. */
export function resultKey(key: Key): string {
  return String(key);
}

/**
 * Puts the row at a position of a batch of results into `values`, in the order of `tableColumns`; what was in it is overwritten. The
 * batch must carry `results`.
 */
export function tableValues(view: View, batch: Batch, position: number, label: RowLabel, values: unknown[]): void {
  const { results } = batch;
  invariant(results !== undefined, `view ${view.name} is written from window results`);
  const index = results.indexes[position]!;
  let at = 0;
  values[at++] = resultKey(results.keys[position]!);
  values[at++] = results.starts[position]!;
  values[at++] = results.ends[position]!;
  const row = batch.at(position) as Readonly<Record<string, unknown>>;
  for (const field of view.schema.fields) values[at++] = columnValue(field, row[field.name]);
  values[at++] = PANE_TIMINGS[results.timings[position]!];
  values[at++] = index;
  values[at++] = results.lasts[position]!;
  values[at++] = storedWatermark(label.watermark);
  values[at++] = label.taskEpoch;
  values[at++] = rowVersion(label.taskEpoch, index);
  values[at++] = batch.changes?.[position] === DELETE ? 1 : 0;
  values[at++] = label.runId;
  values[at] = label.codeVersion;
}

/** A watermark as the tables hold it: null before anything is known, the largest instant at the end of input. */
export function storedWatermark(watermark: Watermark): Timestamp | null {
  if (watermark === Number.NEGATIVE_INFINITY) return null;
  return Math.min(Math.floor(watermark), MAX_TIMESTAMP);
}

function columnValue(field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return field.type === 'json' ? JSON.stringify(value) : value;
}
