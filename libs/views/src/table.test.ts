import { hours } from '@weir/model';
import type { Field, RecordSchema } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { createTable, tableNames } from './table.ts';
import type { View } from './view.ts';

const field = (name: string, type: Field['type'], nullable = false): Field => ({ name, type, nullable });

const everything: View = {
  name: 'every-kind-of-field',
  description: '',
  pipeline: 'p',
  sink: 's',
  windows: 'aligned',
  allowedLateness: hours(1),
  schema: {
    name: 'Everything',
    fields: [
      field('text', 'string'),
      field('maybe', 'string', true),
      field('whole', 'int'),
      field('real', 'float', true),
      field('yes', 'boolean'),
      field('when', 'timestamp'),
      field('nested', 'json'),
    ],
  } as unknown as RecordSchema,
};

describe('tables of a view', () => {
  it('are named after it', () => {
    expect(tableNames(everything)).toEqual({ speed: 'every_kind_of_field_speed', batch: 'every_kind_of_field_batch' });
  });

  it('hold identity, fields, pane and version, and replace by version', () => {
    expect(createTable(everything, 'speed')).toBe(
      `CREATE TABLE IF NOT EXISTS \`every_kind_of_field_speed\` (
  \`result_key\` String,
  \`window_start\` Int64,
  \`window_end\` Int64,
  \`text\` String,
  \`maybe\` Nullable(String),
  \`whole\` Int64,
  \`real\` Nullable(Float64),
  \`yes\` Bool,
  \`when\` Int64,
  \`nested\` String,
  \`pane_timing\` Enum8('early' = 0, 'on-time' = 1, 'late' = 2),
  \`pane_index\` Int32,
  \`is_last\` UInt8,
  \`watermark\` Nullable(Int64),
  \`task_epoch\` UInt32,
  \`version\` UInt64,
  \`is_deleted\` UInt8,
  \`run_id\` String,
  \`code_version\` LowCardinality(String)
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (window_end, result_key, window_start)`,
    );
  });

  it('keep the rows of batch runs apart', () => {
    expect(createTable(everything, 'batch')).toMatch(/ORDER BY \(run_id, window_end, result_key, window_start\)$/);
  });
});
