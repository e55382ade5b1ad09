import type { BinaryReader, BinaryWriter, WatermarkStrategy } from '@weir/model';
import { WeirError, durationText } from '@weir/model';
import { AdaptiveWatermark, checkedDelay, checkedRows } from './adaptive-delay.ts';
import type { DelayEstimator, LearnedDelayOptions } from './adaptive-delay.ts';
import { LatenessSketch } from './lateness-sketch.ts';
import { PercentileDelay } from './percentile.ts';

export interface PredictiveOptions extends LearnedDelayOptions {
  /** Rows of a partition between two forecasts. Default 256. */
  readonly every?: number;
  /** How much the newest block of rows weighs against the past, 0 < alpha <= 1. Default 0.3. */
  readonly alpha?: number;
  /** How much the newest change weighs in the trend, 0 < beta <= 1. Default 0.1. */
  readonly beta?: number;
  /** Mean errors of past forecasts that are added to the next one. Default 2. */
  readonly margin?: number;
  /** The forecast is not trusted while its mean error is more than this share of the level. Default 0.5. */
  readonly tolerance?: number;
}

/** Blocks before the first forecast that is trusted. */
const WARM_UP = 8;
/** How much the newest error weighs in the mean error. */
const ERROR_WEIGHT = 0.2;
/** Blocks that the fallback learns from. */
const FALLBACK_BLOCKS = 64;

/**
 * W = newest timestamp - a delay that is forecast: for each block of rows, the lateness that the share `target` kept is smoothed with its
 * trend (Holt's double exponential smoothing, 1957) and carried one block on, with a margin for the mean error. While the error is large,
 * and at the beginning, the delay is that of `percentile` over the last 64 blocks. Never goes back. Throws WATERMARK_OPTION.
 */
export function predictive(options: PredictiveOptions): WatermarkStrategy<unknown> {
  const { target, floor, ceiling } = checkedDelay('predictive', options);
  const { alpha = 0.3, beta = 0.1, margin = 2, tolerance = 0.5 } = options;
  const every = checkedRows('predictive', 'every', options.every ?? 256);
  const areWeights = alpha > 0 && alpha <= 1 && beta > 0 && beta <= 1;
  if (!areWeights || !(margin >= 0) || !(tolerance >= 0)) {
    throw new WeirError('WATERMARK_OPTION', `A predictive watermark cannot have alpha ${alpha}, beta ${beta}, margin ${margin} and tolerance ${tolerance}.`, {
      remedy: 'Use 0 < alpha <= 1, 0 < beta <= 1, margin >= 0 and tolerance >= 0.',
    });
  }
  const smoothing = { every, alpha, beta, margin, tolerance };
  return Object.freeze({
    describe: `predictive ${target} between ${durationText(floor)} and ${durationText(ceiling)} every ${every} rows, alpha ${alpha}, beta ${beta}, margin ${margin}, tolerance ${tolerance}`,
    reads: [],
    generator: () => new AdaptiveWatermark(new ForecastDelay({ target, floor, ceiling, ...smoothing })),
  });
}

/** What a forecast goes by: `PredictiveOptions` with all decided, in milliseconds and rows. */
export interface ForecastOptions {
  readonly target: number;
  readonly floor: number;
  readonly ceiling: number;
  readonly every: number;
  readonly alpha: number;
  readonly beta: number;
  readonly margin: number;
  readonly tolerance: number;
}

/** The delay that is forecast for the next block of rows, or that of the fallback. */
export class ForecastDelay implements DelayEstimator {
  readonly #options: ForecastOptions;
  readonly #fallback: PercentileDelay;
  readonly #block: LatenessSketch;
  #blocks = 0;
  #level = 0;
  #trend = 0;
  #error = 0;

  constructor(options: ForecastOptions) {
    this.#options = options;
    this.#fallback = new PercentileDelay(options.target, options.floor, options.ceiling, options.every * FALLBACK_BLOCKS);
    this.#block = new LatenessSketch(options.ceiling);
  }

  /** False while the delay is that of the fallback. */
  get isTrusted(): boolean {
    return this.#blocks >= WARM_UP && this.#error <= this.#options.tolerance * Math.max(1, this.#level);
  }

  get delay(): number {
    if (!this.isTrusted) return this.#fallback.delay;
    const { floor, ceiling, margin } = this.#options;
    return Math.min(ceiling, Math.max(floor, Math.ceil(this.#level + this.#trend + margin * this.#error)));
  }

  observe(lateness: number): boolean {
    const decided = this.#fallback.observe(lateness);
    this.#block.add(lateness);
    if (this.#block.total < this.#options.every) return decided;
    this.#smooth(Math.min(this.#options.ceiling, this.#block.valueAt(Math.ceil(this.#block.total * this.#options.target))));
    this.#block.clear();
    return true;
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#blocks);
    writer.float64(this.#level);
    writer.float64(this.#trend);
    writer.float64(this.#error);
    this.#block.write(writer);
    this.#fallback.write(writer);
  }

  read(reader: BinaryReader): void {
    this.#blocks = reader.float64();
    this.#level = reader.float64();
    this.#trend = reader.float64();
    this.#error = reader.float64();
    this.#block.read(reader);
    this.#fallback.read(reader);
  }

  #smooth(lateness: number): void {
    const { alpha, beta } = this.#options;
    const before = this.#level;
    if (this.#blocks === 0) {
      this.#level = lateness;
    } else {
      const forecast = this.#level + this.#trend;
      this.#error += ERROR_WEIGHT * (Math.abs(lateness - forecast) - this.#error);
      this.#level = forecast + alpha * (lateness - forecast);
      this.#trend += beta * (this.#level - before - this.#trend);
    }
    this.#blocks++;
  }
}
