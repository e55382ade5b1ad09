export * from './record-schema.ts';
