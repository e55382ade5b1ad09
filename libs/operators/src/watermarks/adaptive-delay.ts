import type { Batch, BinaryReader, BinaryWriter, Duration, Watermark, WatermarkGenerator } from '@weir/model';
import { MIN_WATERMARK, WeirError, durationText } from '@weir/model';
import { MAX_LATENESS } from './lateness-sketch.ts';

/** Learns by how much rows come behind the newest one. Changes its mind after a fixed number of rows, so that batches do not matter. */
export interface DelayEstimator {
  /** In milliseconds; the delay until `observe` answers true. */
  readonly delay: number;
  /** Sees how far behind the newest row one row came, 0 for the newest itself; true when it may have changed the delay. */
  observe(lateness: number): boolean;
  write(writer: BinaryWriter): void;
  read(reader: BinaryReader): void;
}

/** What every strategy with a learned delay is told. */
export interface LearnedDelayOptions {
  /** Share of rows that shall be in time, 0 < target < 1. Default 0.99. */
  readonly target?: number;
  /** The delay is never less. Default 0. */
  readonly floor?: Duration;
  /** The delay is never more, and exactly this until enough rows were seen. At most 2^31 - 1 ms (24.8 days). */
  readonly ceiling: Duration;
}

/** The options with their defaults. Throws WATERMARK_OPTION when they do not fit each other. */
export function checkedDelay(strategy: string, { target = 0.99, floor, ceiling }: LearnedDelayOptions): { readonly target: number; readonly floor: number; readonly ceiling: number } {
  const least = floor ?? 0;
  const isShare = target > 0 && target < 1;
  if (!isShare || !(ceiling > 0) || ceiling > MAX_LATENESS || least > ceiling) {
    throw new WeirError('WATERMARK_OPTION', `A ${strategy} watermark cannot have target ${target}, floor ${durationText(least)} and ceiling ${durationText(ceiling)}.`, {
      remedy: 'Use 0 < target < 1 and 0 <= floor <= ceiling <= 24 days, with a ceiling above zero.',
    });
  }
  return { target, floor: least, ceiling };
}

/** A whole number of rows, at least 1. Throws WATERMARK_OPTION. */
export function checkedRows(strategy: string, option: string, rows: number): number {
  if (Number.isSafeInteger(rows) && rows > 0) return rows;
  throw new WeirError('WATERMARK_OPTION', `A ${strategy} watermark cannot have ${option} ${rows}.`, { remedy: 'Use a whole number of rows, at least 1.' });
}

/** W = newest timestamp - a delay that is learned. Where the delay grows, W waits: it never goes back. */
export class AdaptiveWatermark implements WatermarkGenerator {
  readonly #estimator: DelayEstimator;
  #max: number = MIN_WATERMARK;
  /** The greatest watermark under the delays that were. */
  #reached: Watermark = MIN_WATERMARK;

  constructor(estimator: DelayEstimator) {
    this.#estimator = estimator;
  }

  onBatch({ timestamps, rows, length }: Batch): void {
    const estimator = this.#estimator;
    let delay = estimator.delay;
    for (let i = 0; i < length; i++) {
      const timestamp = timestamps[rows[i]!]!;
      const isNewest = timestamp >= this.#max;
      if (isNewest) this.#max = timestamp;
      if (!estimator.observe(isNewest ? 0 : this.#max - timestamp)) continue;
      this.#reached = Math.max(this.#reached, this.#max - delay);
      delay = estimator.delay;
    }
  }

  current(): Watermark {
    return Math.max(this.#reached, this.#max - this.#estimator.delay);
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#max);
    writer.float64(this.#reached);
    this.#estimator.write(writer);
  }

  read(reader: BinaryReader): void {
    this.#max = reader.float64();
    this.#reached = reader.float64();
    this.#estimator.read(reader);
  }
}
