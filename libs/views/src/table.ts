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

/** A column of a table, with its type as ClickHouse spells it. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
}

/** The columns of both tables of a view, in their order. */
export function tableColumns(view: View): readonly TableColumn[] {
  return [
    { name: 'result_key', type: 'String' },
    { name: 'window_start', type: 'Int64' },
    { name: 'window_end', type: 'Int64' },
    ...view.schema.fields.map((field) => ({ name: field.name, type: columnType(field) })),
    { name: 'pane_timing', type: "Enum8('early' = 0, 'on-time' = 1, 'late' = 2)" },
    { name: 'pane_index', type: 'Int32' },
    { name: 'is_last', type: 'UInt8' },
    { name: 'watermark', type: 'Nullable(Int64)' },
    { name: 'task_epoch', type: 'UInt32' },
    { name: 'version', type: 'UInt64' },
    { name: 'is_deleted', type: 'UInt8' },
    { name: 'run_id', type: 'String' },
    { name: 'code_version', type: 'LowCardinality(String)' },
  ];
}

/**
 * The statement that creates a table of a view, if it is not there. The sorting key is the identity of a result; it begins
 * with the window's end, by which ownership cuts and answers are sorted. A batch table also has the run in it, so that a
 * replay does not touch what another one published.
 */
export function createTable(view: View, layer: Layer): string {
  const key = 'window_end, result_key, window_start';
  return [
    `CREATE TABLE IF NOT EXISTS ${identifier(tableNames(view)[layer])} (`,
    tableColumns(view).map(({ name, type }) => `  ${identifier(name)} ${type}`).join(',\n'),
    ') ENGINE = ReplacingMergeTree(version, is_deleted)',
    `ORDER BY (${layer === 'batch' ? `run_id, ${key}` : key})`,
  ].join('\n');
}
