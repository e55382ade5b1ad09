export { ClickHouse } from './clickhouse.ts';
export type { ClickHouseOptions } from './clickhouse.ts';
export type { Column } from './column.ts';
export { migrateTables } from './migrations.ts';
export { ViewSink } from './view-sink.ts';
export type { RowOfTable, ViewSinkOptions } from './view-sink.ts';
