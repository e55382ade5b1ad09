export { ByteReader, ByteWriter } from './bytes.ts';
export { createHeapState } from './heap-state.ts';
export { SnapshotReader, SnapshotWriter } from './snapshot.ts';
