export * from './decoder.ts';
export * from './log.ts';
export * from './sink.ts';
