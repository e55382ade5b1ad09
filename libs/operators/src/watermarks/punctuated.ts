import type { Batch, BinaryReader, BinaryWriter, Watermark, WatermarkGenerator, WatermarkStrategy } from '@weir/model';
import { MIN_WATERMARK, WeirError } from '@weir/model';

/** What a row says about the watermark of its partition: every event with a smaller timestamp was before it; null when it says nothing. */
export type Punctuation<Row> = (row: Row) => Watermark | null;

export interface PunctuatedOptions<Row> {
  /** The fields that the function reads; without it every field is decoded for it. */
  readonly reads?: readonly (keyof Row & string)[];
}

/**
 * W = the greatest watermark that a row of the partition has said, by a pure function of the row; infinity says that the partition has
 * ended. A row that says less than the one before changes nothing. Throws WATERMARK_NOT_A_TIME when a row says no number.
 */
export function punctuated<Row>(of: Punctuation<Row>, { reads }: PunctuatedOptions<Row> = {}): WatermarkStrategy<Row> {
  return Object.freeze({ describe: 'punctuated', ...(reads === undefined ? {} : { reads: Object.freeze([...reads]) }), generator: () => new Punctuated(of) });
}

class Punctuated<Row> implements WatermarkGenerator {
  readonly #of: Punctuation<Row>;
  #watermark: Watermark = MIN_WATERMARK;

  constructor(of: Punctuation<Row>) {
    this.#of = of;
  }

  onBatch(batch: Batch): void {
    const of = this.#of;
    for (let i = 0; i < batch.length; i++) {
      const said = of(batch.at(batch.rows[i]!) as Row);
      if (said === null) continue;
      if (typeof said !== 'number' || Number.isNaN(said)) throw notATime(said);
      if (said > this.#watermark) this.#watermark = said;
    }
  }

  current(): Watermark {
    return this.#watermark;
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#watermark);
  }

  read(reader: BinaryReader): void {
    this.#watermark = reader.float64();
  }
}

function notATime(said: unknown): WeirError {
  return new WeirError('WATERMARK_NOT_A_TIME', `A row was asked for its watermark and said ${String(said)}.`, {
    remedy: 'Return milliseconds since the epoch, or null where the row says nothing.',
  });
}
