import type { Batch } from './batch.ts';
import type { BinaryReader, BinaryWriter } from './binary.ts';
import type { Watermark } from './watermark.ts';
import type { Timestamp } from './timestamp.ts';

/** Makes the watermark of one partition from the event times it sees. */
export interface WatermarkGenerator {
  /** Sees the rows of the partition with their event times, in order. Reads `timestamps` at `rows[0..length)`. */
  onBatch(batch: Batch): void;
  /** The watermark now; never goes back. */
  current(): Watermark;
  write(writer: BinaryWriter): void;
  read(reader: BinaryReader): void;
}

/** A way to make watermarks, as an immutable value; one generator is born per partition. */
export interface WatermarkStrategy {
  readonly describe: string;
  /** By how much an event may be behind the newest one and still be in time; what the frontier of a replay is computed from. */
  watermarkAfter(maxTimestamp: Timestamp): Watermark;
  generator(): WatermarkGenerator;
}
