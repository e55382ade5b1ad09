import type { Batch, BinaryReader, BinaryWriter, Duration, Timestamp, Watermark, WatermarkGenerator, WatermarkStrategy } from '@weir/model';
import { MAX_WATERMARK, MIN_WATERMARK, invariant } from '@weir/model';

/** What becomes of the watermark when every partition is idle: it stays, or goes to that of the partition that is furthest. */
export type AllIdlePolicy = 'hold' | 'advance';

export interface WatermarkTrackerOptions {
  /** Without it no partition is ever idle. */
  readonly idleAfter?: Duration | undefined;
  /** Default `hold`. */
  readonly whenAllIdle?: AllIdlePolicy | undefined;
}

/**
 * The watermark of a source: the minimum over its live partitions. A partition that had no records for `idleAfter`, seen at
 * ticks, is idle and left out; one record brings it back. When all are idle the watermark holds, or advances to the greatest of
 * the partitions. It never goes back. A partition that has never had a record holds the watermark back until it is idle.
 */
export class WatermarkTracker {
  readonly #generators: readonly WatermarkGenerator[];
  readonly #idleAfter: Duration | undefined;
  readonly #advancesWhenIdle: boolean;
  readonly #idle: Uint8Array;
  /** Per partition: the first tick after its last record; NaN before that tick. */
  readonly #quietSince: Float64Array;
  #watermark: Watermark = MIN_WATERMARK;

  constructor(strategy: WatermarkStrategy, partitions: number, { idleAfter, whenAllIdle = 'hold' }: WatermarkTrackerOptions = {}) {
    this.#generators = Array.from({ length: partitions }, () => strategy.generator());
    this.#idleAfter = idleAfter;
    this.#advancesWhenIdle = whenAllIdle === 'advance';
    this.#idle = new Uint8Array(partitions);
    this.#quietSince = new Float64Array(partitions).fill(Number.NaN);
  }

  /** The watermark of the source now. */
  get watermark(): Watermark {
    return this.#watermark;
  }

  /** The watermark of one partition. */
  partitionWatermark(partition: number): Watermark {
    return this.#generators[partition]!.current();
  }

  isIdle(partition: number): boolean {
    return this.#idle[partition] === 1;
  }

  /** Sees the next rows of a partition with their event times; answers the watermark after them. */
  onBatch(partition: number, batch: Batch): Watermark {
    if (batch.length > 0) {
      this.#idle[partition] = 0;
      this.#quietSince[partition] = Number.NaN;
      this.#generators[partition]!.onBatch(batch);
    }
    return this.#advance();
  }

  /**
   * Sees wall-clock time; answers the watermark after it. A partition that is further than `limit` is not read now (see
   * `alignmentLimit`), so that its silence is no sign of idleness: its quiet time begins anew at the first tick without the limit.
   */
  onTick(now: Timestamp, limit: Watermark = MAX_WATERMARK): Watermark {
    if (this.#idleAfter === undefined) return this.#watermark;
    for (let partition = 0; partition < this.#idle.length; partition++) {
      if (this.#generators[partition]!.current() > limit) this.#quietSince[partition] = Number.NaN;
      else if (Number.isNaN(this.#quietSince[partition]!)) this.#quietSince[partition] = now;
      else if (now - this.#quietSince[partition]! >= this.#idleAfter) this.#idle[partition] = 1;
    }
    return this.#advance();
  }

  /** Sees wall-clock time while a partition cannot be read: no silence is a sign of idleness then, and each quiet time begins anew afterwards. */
  onDeafTick(): void {
    this.#quietSince.fill(Number.NaN);
  }

  /** The least watermark of the partitions that are not idle and have one; infinity when there is none. */
  leastLive(): Watermark {
    let least = MAX_WATERMARK;
    for (let partition = 0; partition < this.#generators.length; partition++) {
      const watermark = this.#generators[partition]!.current();
      if (this.#idle[partition] === 0 && watermark !== MIN_WATERMARK && watermark < least) least = watermark;
    }
    return least;
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#watermark);
    writer.int32(this.#generators.length);
    this.#generators.forEach((generator, partition) => {
      generator.write(writer);
      writer.uint8(this.#idle[partition]!);
      writer.float64(this.#quietSince[partition]!);
    });
  }

  /** Reads what `write` wrote for the same number of partitions, or for fewer: the others begin anew. */
  read(reader: BinaryReader): void {
    this.#watermark = reader.float64();
    const partitions = reader.int32();
    invariant(partitions <= this.#generators.length, 'a source does not lose partitions');
    for (let partition = 0; partition < partitions; partition++) {
      this.#generators[partition]!.read(reader);
      this.#idle[partition] = reader.uint8();
      this.#quietSince[partition] = reader.float64();
    }
  }

  #advance(): Watermark {
    let least = MAX_WATERMARK;
    let greatest = MIN_WATERMARK;
    let isLive = false;
    for (let partition = 0; partition < this.#generators.length; partition++) {
      const watermark = this.#generators[partition]!.current();
      greatest = Math.max(greatest, watermark);
      if (this.#idle[partition] === 1) continue;
      isLive = true;
      least = Math.min(least, watermark);
    }
    if (!isLive) least = this.#advancesWhenIdle ? greatest : MIN_WATERMARK;
    if (least > this.#watermark) this.#watermark = least;
    return this.#watermark;
  }
}
