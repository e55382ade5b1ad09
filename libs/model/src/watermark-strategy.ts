import type { Batch } from './batch.ts';
import type { BinaryReader, BinaryWriter } from './binary.ts';
import type { Watermark } from './watermark.ts';

/** Makes the watermark of one partition from the rows it sees. What it says depends on the rows and their order, never on how they were cut into batches. */
export interface WatermarkGenerator {
  /** Sees the rows of the partition with their event times, in order. Reads `timestamps` at `rows[0..length)`. */
  onBatch(batch: Batch): void;
  /** The watermark now; never goes back. */
  current(): Watermark;
  write(writer: BinaryWriter): void;
  read(reader: BinaryReader): void;
}

/** A way to make watermarks, as an immutable value; one generator is born per partition. */
export interface WatermarkStrategy<Row = never> {
  readonly describe: string;
  /** The fields of a row that its generators read; [] when none; absent when they may read any. */
  readonly reads?: readonly string[];
  /** Carries the type of the rows it can see; never set. */
  readonly accepts?: (row: Row) => void;
  generator(): WatermarkGenerator;
}
