import type { Duration, OperatorSpec, RequestPolicy } from '@weir/model';
import { FORWARD_INPUT, WeirError, milliseconds, minutes, seconds } from '@weir/model';
import { EnrichOperator } from './enrich-operator.ts';

/** What becomes of a row whose request failed in all its attempts. */
export type OnRequestFailure = 'fail' | 'dead-letter' | 'null';

/** The decisions of an enrichment, without its functions. */
export interface EnrichPolicy<Failure extends OnRequestFailure = OnRequestFailure> {
  /** The name that the function which answers is bound by where the pipeline runs (`lookups`); default the name of the step. */
  readonly lookup?: string;
  /** Most requests under way at once, for each instance. */
  readonly concurrency: number;
  /** True: rows leave in the order in which they came. False: as their answers come. */
  readonly ordered: boolean;
  /** Of one attempt; default 10 s. */
  readonly timeout?: Duration;
  /** Default: one attempt. `attempts` counts the first one; the pause before the next doubles from `backoff` (default 100 ms) up to a minute, half of it by chance. */
  readonly retry?: { readonly attempts: number; readonly backoff?: Duration };
  /** `fail`: the job fails. `dead-letter`: the row leaves by the output `failed`. `null`: the row goes on with null as its answer. */
  readonly onFailure: Failure;
  /** Rows that wait for answers before the runtime gives the operator no more; it may be passed by the rows of one step. Default 10,000. */
  readonly maxPending?: number;
}

/** A row whose request failed. */
export interface FailedRequest<Row> {
  readonly row: Row;
  /** What the last attempt said. */
  readonly error: string;
}

/** An enrichment with its functions. */
export interface EnrichOptions<Row, Answer, Out> extends EnrichPolicy {
  readonly lookup: string;
  /** Pure: what is asked for a row, as JSON. */
  readonly request: (row: Row) => unknown;
  /** Pure: what a row and its answer become. */
  readonly join: (row: Row, answer: Answer) => Out;
  /** Throws when an answer is not what it should be. */
  readonly check?: (answer: unknown) => void;
}

/**
 * Joins each row with what a function outside the pipeline answers. The operator is pure: it keeps the rows and says what it asks; the
 * runtime asks, and the answers come as steps, which a replay of the track reads again. The watermark is held back by the rows that
 * wait. Outputs: `out`, and `failed` where failed requests are dead letters. Throws ENRICH_POLICY.
 */
export function enrich<Row, Answer, Out>(options: EnrichOptions<Row, Answer, Out>): OperatorSpec {
  const { lookup, concurrency, ordered, timeout = seconds(10), retry, onFailure, maxPending = 10_000, check } = options;
  const { attempts = 1, backoff = milliseconds(100) } = retry ?? {};
  for (const [name, value] of Object.entries({ concurrency, attempts, maxPending, timeout })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new WeirError('ENRICH_POLICY', `'${name}' of the enrichment by '${lookup}' is ${value}.`, { remedy: 'Use a whole number of at least 1.' });
  }
  const asks: RequestPolicy = Object.freeze({
    lookup,
    concurrency,
    timeout,
    attempts,
    backoff: Object.freeze({ first: backoff, most: minutes(1) }),
    failsJob: onFailure === 'fail',
    ...(check === undefined ? {} : { check }),
  });
  const functions = options as unknown as { readonly request: (row: unknown) => unknown; readonly join: (row: unknown, answer: unknown) => unknown };
  return Object.freeze<OperatorSpec>({
    kind: 'enrich',
    inputs: FORWARD_INPUT,
    outputs: onFailure === 'dead-letter' ? ['out', 'failed'] : ['out'],
    stateful: true,
    asks,
    describe: () => ({ kind: 'enrich', detail: `by ${lookup}, ${ordered ? 'ordered' : 'unordered'}, on failure ${onFailure}` }),
    create: (context, restored) => new EnrichOperator({ ordered, onFailure, maxPending, request: functions.request, join: functions.join }, context, restored),
  });
}
