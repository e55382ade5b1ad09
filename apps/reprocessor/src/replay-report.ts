import type { ReplayProgress } from '@weir/runtime';

/** How far a replay is, and when it will be over. */
export interface ReportedProgress extends ReplayProgress {
  readonly recordsPerSecond: number;
  /** Undefined while there is too little to tell by. */
  readonly etaSeconds: number | undefined;
}

const LEAST_SHARE = 0.01;

/** Turns progress into progress with an estimate. All records are read twice, by the scan and by the replay, for each of `passes` in turn. */
export class ReplayReport {
  readonly #passes: number;
  readonly #now: () => number;
  readonly #started: number;
  #passed = 0;

  constructor(passes: number, now: () => number) {
    this.#passes = passes;
    this.#now = now;
    this.#started = now();
  }

  /** That one pass is over. */
  endPass(): void {
    this.#passed++;
  }

  of(progress: ReplayProgress): ReportedProgress {
    const { phase, done, total } = progress;
    const seconds = Math.max(1e-3, (this.#now() - this.#started) / 1_000);
    const read = 2 * this.#passed * total + (phase === 'scan' ? 0 : total) + done;
    const share = total === 0 ? 1 : read / (2 * total * this.#passes);
    return { ...progress, recordsPerSecond: Math.round(read / seconds), etaSeconds: share < LEAST_SHARE ? undefined : (seconds * (1 - share)) / share };
  }
}

/** For a terminal: `replay 120,000 of 541,909 (61 %), 210,000 records/s, 4 s to go`. */
export function lineOf({ phase, done, total, recordsPerSecond, etaSeconds }: ReportedProgress): string {
  const share = total === 0 ? 100 : Math.floor((100 * done) / total);
  const left = etaSeconds === undefined ? '' : `, ${Math.ceil(etaSeconds)} s to go`;
  return `${phase} ${done.toLocaleString('en')} of ${total.toLocaleString('en')} (${share} %), ${recordsPerSecond.toLocaleString('en')} records/s${left}`;
}
