export { boolean, float, int, json, nullable, string, timestamp } from './fields.ts';
export type { FieldSpec } from './fields.ts';
export { record } from './record.ts';
export type { RowOf } from './record.ts';
export type { Field, Infer, PhysicalType, RecordSchema } from './record-schema.ts';
