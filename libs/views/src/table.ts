import type { Field } from '@weir/schema';
import type { View } from './view.ts';

/** The two tables of a view. */
export interface TableNames {
  readonly speed: string;
  readonly batch: string;
}

/** Which layer wrote a row. */
export type Layer = 'batch' | 'speed';

const COLUMN_TYPES: Readonly<Record<Field['type'], string>> = {
  string: 'String',
  int: 'Int64',
  float: 'Float64',
  boolean: 'Bool',
  timestamp: 'Int64',
  json: 'String',
};

/** Names of the tables of a view, e.g. `revenue_by_country_speed`. */
export function tableNames(view: Pick<View, 'name'>): TableNames {
  const stem = view.name.replaceAll('-', '_');
  return { speed: `${stem}_speed`, batch: `${stem}_batch` };
}

/** The ClickHouse type of a schema's field. Times are milliseconds since the epoch, which may be negative; JSON is text. */
export function columnType(field: Field): string {
  const type = COLUMN_TYPES[field.type];
  return field.nullable ? `Nullable(${type})` : type;
}

/** A quoted identifier. Views admit names of letters, digits and underscores only, so there is nothing to escape. */
export function identifier(name: string): string {
  return `\`${name}\``;
}

/**
 * The statement that creates a table of a view, if it is not there. The sorting key is the identity of a result; it begins
 * with the window's end, by which ownership cuts and answers are sorted. A batch table also has the run in it, so that a
 * replay does not touch what another one published.
 */
export function createTable(view: View, layer: Layer): string {
  const columns = [
    'result_key String',
    'window_start Int64',
    'window_end Int64',
    ...view.schema.fields.map((field) => `${identifier(field.name)} ${columnType(field)}`),
    "pane_timing Enum8('early' = 0, 'on-time' = 1, 'late' = 2)",
    'pane_index Int32',
    'is_last UInt8',
    'watermark Nullable(Int64)',
    'task_epoch UInt32',
    'version UInt64',
    'is_deleted UInt8',
    'run_id String',
    'code_version LowCardinality(String)',
  ];
  const key = 'window_end, result_key, window_start';
  return [
    `CREATE TABLE IF NOT EXISTS ${identifier(tableNames(view)[layer])} (`,
    columns.map((column) => `  ${column}`).join(',\n'),
    ') ENGINE = ReplacingMergeTree(version, is_deleted)',
    `ORDER BY (${layer === 'batch' ? `run_id, ${key}` : key})`,
  ].join('\n');
}
