import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '@weir/model';

export interface PacerOptions {
  /** Records a second, at most; undefined for no bound. */
  readonly recordsPerSecond?: number | undefined;
  /** Share of one processor, in (0, 1]; undefined for no bound. */
  readonly cpuShare?: number | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds of processor time that the process has used; for tests. */
  readonly cpu?: () => number;
  /** Milliseconds that only grow. */
  readonly monotonic?: () => number;
  readonly rest?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** What was not used while there was nothing to do may be made up for, but no more of it. */
const CREDIT_MILLISECONDS = 1_000;
/** Shorter pauses than this are saved up. */
const LEAST_REST_MILLISECONDS = 2;

/** Keeps a replay below its bounds: behind each segment it rests until what the segment has used is allowed. */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #monotonic: () => number;
  readonly #cpu: () => number;
  /** When what was used so far would have been used at the allowed pace, by records and by processor time. */
  #byRecords: number;
  #byCpu: number;
  #cpuBefore: number;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#cpu = options.cpu ?? processCpu;
    this.#byRecords = this.#byCpu = this.#monotonic();
    this.#cpuBefore = this.#cpu();
  }

  /** Rests as long as `records` more and the processor time since the last call ask for. Throws REPLAY_INTERRUPTED. */
  async pause(records: number): Promise<void> {
    const { recordsPerSecond, cpuShare, signal, rest = restFor } = this.#options;
    const now = this.#monotonic();
    if (recordsPerSecond !== undefined) this.#byRecords = Math.max(this.#byRecords, now - CREDIT_MILLISECONDS) + (records * 1_000) / recordsPerSecond;
    if (cpuShare !== undefined) {
      const used = this.#cpu();
      this.#byCpu = Math.max(this.#byCpu, now - CREDIT_MILLISECONDS) + (used - this.#cpuBefore) / cpuShare;
      this.#cpuBefore = used;
    }
    const wait = Math.max(this.#byRecords, this.#byCpu) - now;
    if (wait >= LEAST_REST_MILLISECONDS && !signal.aborted) await rest(wait, signal);
    if (!signal.aborted) return;
    throw signal.reason instanceof WeirError ? signal.reason : new WeirError('REPLAY_INTERRUPTED', 'The replay was stopped before its end; what it wrote stays unseen.', { remedy: 'Start it again.' });
  }
}

function processCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function restFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
