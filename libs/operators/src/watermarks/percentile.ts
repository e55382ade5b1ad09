import type { BinaryReader, BinaryWriter, WatermarkStrategy } from '@weir/model';
import { durationText } from '@weir/model';
import { AdaptiveWatermark, checkedDelay, checkedRows } from './adaptive-delay.ts';
import type { DelayEstimator, LearnedDelayOptions } from './adaptive-delay.ts';
import { LatenessSketch } from './lateness-sketch.ts';

export interface PercentileOptions extends LearnedDelayOptions {
  /** How many of a partition's last rows are learned from, about; older ones are forgotten. Default 65,536. */
  readonly over?: number;
}

const PARTS = 8;
/** Rows between two decisions. */
const DECIDE_EVERY = 128;
/** Standard errors that the quantile is taken higher by, so that the target is reached and not met half of the time. */
const CONFIDENCE = 2;

/**
 * W = newest timestamp - the delay that the share `target` of the partition's last rows kept, between floor and ceiling. The delay is
 * the upper end of the 95 % confidence interval of that quantile, so it is the ceiling until some hundreds of rows were seen (for a
 * target of 0.99 about 400). Never goes back. Throws WATERMARK_OPTION.
 */
export function percentile(options: PercentileOptions): WatermarkStrategy<unknown> {
  const { target, floor, ceiling } = checkedDelay('percentile', options);
  const over = checkedRows('percentile', 'over', options.over ?? 65_536);
  return Object.freeze({
    describe: `percentile ${target} between ${durationText(floor)} and ${durationText(ceiling)} over ${over} rows`,
    reads: [],
    generator: () => new AdaptiveWatermark(new PercentileDelay(target, floor, ceiling, over)),
  });
}

/** The delay that a share of the last rows kept. Remembers them in parts: the oldest part is forgotten as a whole. */
export class PercentileDelay implements DelayEstimator {
  readonly #target: number;
  readonly #floor: number;
  readonly #ceiling: number;
  readonly #rowsOfPart: number;
  readonly #parts: readonly LatenessSketch[];
  /** The sum of the parts. */
  readonly #recent: LatenessSketch;
  /** Place of the part that is being filled. */
  #part = 0;
  #undecided = 0;
  #delay: number;

  constructor(target: number, floor: number, ceiling: number, over: number) {
    this.#target = target;
    this.#floor = floor;
    this.#ceiling = ceiling;
    this.#rowsOfPart = Math.ceil(over / PARTS);
    this.#parts = Array.from({ length: PARTS }, () => new LatenessSketch(ceiling));
    this.#recent = new LatenessSketch(ceiling);
    this.#delay = ceiling;
  }

  get delay(): number {
    return this.#delay;
  }

  observe(lateness: number): boolean {
    if (this.#parts[this.#part]!.total === this.#rowsOfPart) this.#nextPart();
    this.#parts[this.#part]!.add(lateness);
    this.#recent.add(lateness);
    if (++this.#undecided < DECIDE_EVERY) return false;
    this.#undecided = 0;
    this.#delay = this.#decide();
    return true;
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#delay);
    writer.int32(this.#undecided);
    // The parts from the oldest to the one that is being filled: which place it has does not matter.
    for (let age = 1; age <= PARTS; age++) this.#parts[(this.#part + age) % PARTS]!.write(writer);
  }

  read(reader: BinaryReader): void {
    this.#delay = reader.float64();
    this.#undecided = reader.int32();
    this.#recent.clear();
    for (const part of this.#parts) {
      part.read(reader);
      this.#recent.merge(part);
    }
    this.#part = PARTS - 1;
  }

  #nextPart(): void {
    this.#part = (this.#part + 1) % PARTS;
    this.#recent.unmerge(this.#parts[this.#part]!);
    this.#parts[this.#part]!.clear();
  }

  #decide(): number {
    const rows = this.#recent.total;
    const rank = Math.ceil(rows * this.#target + CONFIDENCE * Math.sqrt(rows * this.#target * (1 - this.#target)));
    if (rank > rows) return this.#ceiling;
    return Math.min(this.#ceiling, Math.max(this.#floor, this.#recent.valueAt(rank)));
  }
}
