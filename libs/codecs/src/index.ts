export { avro } from './avro/avro.ts';
export type { AvroOptions, RegistryAvroOptions } from './avro/avro.ts';
export { avroSchema } from './avro/avro-schema-of.ts';
export type { AvroSchema } from './avro/avro-type.ts';
export { csv } from './csv/csv.ts';
export type { CsvOptions } from './csv/csv.ts';
export { json } from './json.ts';
export { jsonTwin } from './json-twin.ts';
