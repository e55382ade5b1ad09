import type { PaneTiming, Timestamp } from '@weir/model';
import { PANE_TIMINGS, invariant } from '@weir/model';
import type { Field } from '@weir/schema';
import type { Cursor } from './cursor.ts';
import type { Layer } from './table.ts';
import type { View } from './view.ts';

/** How far a served number can be trusted. */
export interface Label {
  readonly layer: Layer;
  readonly timing: PaneTiming;
  /** False while a later row may still change the number. */
  readonly complete: boolean;
  /** The writer's watermark when it wrote the row; null when it had none. */
  readonly watermark: Timestamp | null;
  /** The ownership frontier that the answer was merged at; null when nothing has been published. */
  readonly frontier: Timestamp | null;
  /** The run that wrote it; null for the speed layer. */
  readonly run: string | null;
  readonly codeVersion: string;
}

/** One row of an answer. */
export interface ServedRow {
  readonly key: string;
  /** Inclusive. */
  readonly start: Timestamp;
  /** Exclusive. */
  readonly end: Timestamp;
  readonly paneIndex: number;
  /** Of several rows of one key and window the highest counts (`rowVersion`). */
  readonly version: number;
  /** The fields of the view's schema. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly label: Label;
}

/** Turns a row that ClickHouse answered as JSON into a served one; 64-bit numbers may have come as text. */
export function servedRow(view: View, raw: Readonly<Record<string, unknown>>): ServedRow {
  const layer = raw['layer'];
  const timing = PANE_TIMINGS.find((candidate) => candidate === raw['pane_timing']);
  invariant(layer === 'batch' || layer === 'speed', `a row of view ${view.name} names its layer`);
  invariant(timing !== undefined, `a row of view ${view.name} names its timing`);
  return {
    key: String(raw['result_key']),
    start: Number(raw['window_start']),
    end: Number(raw['window_end']),
    paneIndex: Number(raw['pane_index']),
    version: Number(raw['version']),
    data: Object.fromEntries(view.schema.fields.map((field) => [field.name, fieldValue(field, raw[field.name])])),
    label: {
      layer,
      timing,
      complete: Number(raw['complete']) === 1,
      watermark: numberOrNull(raw['watermark']),
      frontier: numberOrNull(raw['frontier']),
      run: layer === 'batch' ? String(raw['run_id']) : null,
      codeVersion: String(raw['code_version']),
    },
  };
}

/** The cursor that asks for what follows a row. */
export function cursorAfter(row: ServedRow): Cursor {
  return { end: row.end, key: row.key, start: row.start };
}

function fieldValue(field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (field.type) {
    case 'int':
    case 'float':
    case 'timestamp':
      return Number(value);
    case 'json':
      return JSON.parse(String(value)) as unknown;
    case 'boolean':
      return value === true || value === 'true' || value === 1;
    case 'string':
      return value;
  }
}

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
