export * from './decoder.ts';
export * from './log.ts';
export * from './migration.ts';
export * from './schema-registry.ts';
export * from './sink.ts';
