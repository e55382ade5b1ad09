import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '@weir/model';

/** How long a call may be tried again, and how long it pauses between. */
export interface RetryBudget {
  /** For all attempts together, in milliseconds. */
  readonly milliseconds: number;
  /** Asked before each pause; true gives up. */
  readonly isStopped?: () => boolean;
}

const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;

/**
 * Calls until it succeeds, fails for good or the budget is spent; pauses double, with jitter, so that clients do not come back together.
 * `mayRetry` is asked of errors that are retryable.
 */
export async function withRetries<T>(
  budget: RetryBudget,
  attempt: () => Promise<T>,
  between: (error: WeirError) => void = () => undefined,
  mayRetry: (error: WeirError) => boolean = () => true,
): Promise<T> {
  const deadline = performance.now() + budget.milliseconds;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof WeirError) || !error.retryable || !mayRetry(error) || budget.isStopped?.() === true || performance.now() + pause > deadline) throw error;
      between(error);
      await sleep(pause / 2 + Math.random() * pause);
    }
  }
}

/** What may become of a connection. */
const BROKEN: ReadonlySet<string> = new Set(['KAFKA_CONNECTION', 'KAFKA_TLS', 'KAFKA_CREDENTIALS']);

/** Whether the broker has said so itself: when the connection broke, nobody knows what became of the request. */
export function isAnswer(error: unknown): boolean {
  return error instanceof WeirError && !BROKEN.has(error.code);
}
