import type { Duration } from './duration.ts';

/** A question of an operator to the outside world. The operator asks; the runtime calls and answers by a step. */
export interface OperatorRequest {
  /** Unique within the operator's instance for the life of its state. */
  readonly id: number;
  /** A JSON value. */
  readonly request: unknown;
}

/** What came of a request. */
export interface RequestAnswer {
  readonly id: number;
  /** True when all attempts failed; `json` is then what the last one said, as a JSON text. */
  readonly failed: boolean;
  /** The answer as JSON: what a live run sees is what a replay reads. */
  readonly json: string;
}

/** How the runtime asks for an operator. */
export interface RequestPolicy {
  /** The name that the function is bound by. */
  readonly lookup: string;
  /** Most requests that are under way at once, for each instance; at least 1. */
  readonly concurrency: number;
  /** Of one attempt. */
  readonly timeout: Duration;
  /** Most attempts, the first one included; at least 1. */
  readonly attempts: number;
  /** Before attempt n + 1: at most `first` · 2^(n - 1), never more than `most`, and at least half of it, by seeded chance. */
  readonly backoff: { readonly first: Duration; readonly most: Duration };
  /** True when the job fails once all attempts of a request have; such a failure is no step, so that the next attempt of the job asks again. */
  readonly failsJob: boolean;
  /** Throws when an answer is not what it should be, which fails the attempt. */
  check?(answer: unknown): void;
}

/** The requests of an operator's instance. */
export interface OperatorRequests {
  /** Rows that wait: for their answers, or for those before them. */
  readonly waiting: number;
  /** Takes up to `most` requests that nobody has asked yet, oldest first; after a restore, all that had no answer are among them. */
  take(most: number): readonly OperatorRequest[];
  /** True when so many rows wait for answers that no more should be given to the operator. */
  isFull(): boolean;
}
