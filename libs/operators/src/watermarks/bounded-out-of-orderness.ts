import type { Batch, BinaryReader, BinaryWriter, Duration, Watermark, WatermarkGenerator, WatermarkStrategy } from '@weir/model';
import { MIN_WATERMARK, durationText } from '@weir/model';

/** W = newest timestamp of the partition - delay: an event may be up to `delay` behind the newest one and is in time. */
export function boundedOutOfOrderness(delay: Duration): WatermarkStrategy<unknown> {
  return Object.freeze({
    describe: `bounded out-of-orderness ${durationText(delay)}`,
    reads: [],
    generator: () => new BoundedOutOfOrderness(delay),
  });
}

/** The generator of `boundedOutOfOrderness`; with a delay of 0 that of `monotonous`. */
export class BoundedOutOfOrderness implements WatermarkGenerator {
  readonly #delay: Duration;
  #max: number = MIN_WATERMARK;

  constructor(delay: Duration) {
    this.#delay = delay;
  }

  onBatch({ timestamps, rows, length }: Batch): void {
    let max = this.#max;
    for (let i = 0; i < length; i++) {
      const timestamp = timestamps[rows[i]!]!;
      if (timestamp > max) max = timestamp;
    }
    this.#max = max;
  }

  current(): Watermark {
    return this.#max - this.#delay;
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#max);
  }

  read(reader: BinaryReader): void {
    this.#max = reader.float64();
  }
}
