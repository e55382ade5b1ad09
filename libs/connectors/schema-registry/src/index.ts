export { SchemaRegistry } from './schema-registry.ts';
export type { Compatibility, SchemaRegistryOptions } from './schema-registry.ts';
export type { SchemaReference, SubjectVersion, WrittenSchema } from './wire.ts';
