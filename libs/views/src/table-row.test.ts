import { DELETE, INSERT, MAX_TIMESTAMP, MAX_WATERMARK, MIN_WATERMARK, RowBatch, hours } from '@weir/model';
import type { ResultColumns } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { rowVersion, storedWatermark, tableValues } from './table-row.ts';
import { tableColumns } from './table.ts';
import type { View } from './view.ts';

const view: View = {
  name: 'totals',
  description: '',
  pipeline: 'p',
  sink: 's',
  windows: 'aligned',
  allowedLateness: hours(1),
  schema: {
    name: 'Totals',
    fields: [
      { name: 'cents', type: 'int', nullable: false },
      { name: 'note', type: 'string', nullable: true },
      { name: 'parts', type: 'json', nullable: false },
    ],
  } as unknown as RecordSchema,
};

const results: ResultColumns = {
  step: 'totals',
  keys: ['GB', 7],
  starts: Float64Array.of(-3_600_000, 0),
  ends: Float64Array.of(0, 3_600_000),
  timings: Uint8Array.of(0, 2),
  indexes: Int32Array.of(0, 3),
  lasts: Uint8Array.of(0, 1),
};

const batch = new RowBatch(
  [
    { cents: -5, note: 'x', parts: [{ a: 1 }], extra: 'left out' },
    { cents: 5, note: null, parts: [] },
  ],
  { timestamps: Float64Array.of(0, 0), results, changes: Uint8Array.of(DELETE, INSERT) },
);

function tableRow(position: number, label: Parameters<typeof tableValues>[3]): Record<string, unknown> {
  const values: unknown[] = [];
  tableValues(view, batch, position, label, values);
  const columns = tableColumns(view);
  expect(values).toHaveLength(columns.length);
  return Object.fromEntries(columns.map(({ name }, index) => [name, values[index]]));
}

describe('tableValues', () => {
  const label = { taskEpoch: 2, watermark: 5, runId: 'run-1', codeVersion: 'abc' };

  it('has one value for each column', () => {
    expect(tableRow(0, label)).toEqual({
      result_key: 'GB',
      window_start: -3_600_000,
      window_end: 0,
      cents: -5,
      note: 'x',
      parts: '[{"a":1}]',
      pane_timing: 'early',
      pane_index: 0,
      is_last: 0,
      watermark: 5,
      task_epoch: 2,
      version: 2 ** 33,
      is_deleted: 1,
      run_id: 'run-1',
      code_version: 'abc',
    });
    expect(tableRow(1, label)).toMatchObject({ result_key: '7', note: null, pane_timing: 'late', is_last: 1, version: 2 ** 33 + 3, is_deleted: 0 });
  });

  it('lets a newer owner win over any pane of an older one', () => {
    expect(rowVersion(2, 0)).toBeGreaterThan(rowVersion(1, 2 ** 31 - 1));
    expect(rowVersion(1, 1)).toBeGreaterThan(rowVersion(1, 0));
    expect(Number.isSafeInteger(rowVersion(2 ** 21 - 1, 2 ** 32 - 1))).toBe(true);
    expect(() => rowVersion(2 ** 21, 0)).toThrow('task epoch');
  });

  it('writes a watermark that is not an instant as none, or as the last one', () => {
    expect(storedWatermark(MIN_WATERMARK)).toBeNull();
    expect(storedWatermark(MAX_WATERMARK)).toBe(MAX_TIMESTAMP);
    expect(storedWatermark(-1)).toBe(-1);
  });
});
