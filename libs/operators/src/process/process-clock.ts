import type { BinaryReader, BinaryWriter, Timestamp, Watermark } from '@weir/model';
import { MIN_WATERMARK } from '@weir/model';

const NEVER = Number.NEGATIVE_INFINITY;

/** The times that a process function lives by. */
export class ProcessClock {
  /** The watermark as the function sees it: while timers fire and ordered rows are taken, it moves from one to the next. */
  watermark: Watermark = MIN_WATERMARK;
  /** Of the row or the timer that is handled now. */
  timestamp: Timestamp = NEVER;
  /** Wall-clock time as of the last tick; -Infinity before the first. */
  now: Timestamp = NEVER;
  /** The first tick: what was written before it counts as written at it. */
  firstNow: Timestamp = NEVER;

  /** What event-time state is read and written at: a late row does not bring back what has expired. */
  get eventTime(): Timestamp {
    return this.timestamp > this.watermark ? this.timestamp : this.watermark;
  }

  tick(now: Timestamp): void {
    if (this.firstNow === NEVER) this.firstNow = now;
    if (now > this.now) this.now = now;
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.watermark);
    writer.float64(this.now);
    writer.float64(this.firstNow);
  }

  /** Of several instances, all of which stood at one barrier: the least of what they promise. */
  read(readers: readonly BinaryReader[]): void {
    for (const [index, reader] of readers.entries()) {
      const watermark = reader.float64();
      const now = reader.float64();
      const firstNow = reader.float64();
      this.watermark = index === 0 ? watermark : Math.min(this.watermark, watermark);
      this.now = index === 0 ? now : Math.max(this.now, now);
      this.firstNow = index === 0 ? firstNow : Math.min(this.firstNow, firstNow);
    }
  }
}
