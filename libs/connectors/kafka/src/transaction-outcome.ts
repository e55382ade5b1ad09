import { describeTransactionsV0 } from '@platformatic/kafka';
import { call } from './wire/control-channel.ts';
import type { Connection } from './wire/connection.ts';
import { brokerError } from './wire/errors.ts';
import type { ProducerIdentity } from './wire/produce.ts';

/** How a transaction was ended. */
export type Outcome = 'commit' | 'abort';

const UNKNOWN_ID = 105;
const NOBODY: ProducerIdentity = { id: -1n, epoch: -1 };
const ABORTED: ReadonlySet<string> = new Set(['PrepareAbort', 'CompleteAbort', 'PrepareEpochFence']);
const COMMITTED: ReadonlySet<string> = new Set(['PrepareCommit', 'CompleteCommit']);

/** The transaction of an id as its coordinator has it. */
export interface TransactionState {
  /** As Kafka names them; 'Dead' for an id that the coordinator does not know. */
  readonly state: string;
  readonly producer: ProducerIdentity;
}

/** Asks the coordinator of a transactional id for its transaction. */
export async function transactionState(coordinator: Connection, id: string, milliseconds: number): Promise<TransactionState> {
  const doing = `looking at a transaction of ${id}`;
  const { transactionStates } = await call(coordinator, describeTransactionsV0.api, [[id]] as never, doing, milliseconds, { partly: true });
  const { errorCode, transactionState: state, producerId, producerEpoch } = transactionStates[0]!;
  if (errorCode !== 0 && errorCode !== UNKNOWN_ID) throw brokerError(errorCode, doing);
  // Of an id that it does not know it says that the producer is 0, which is somebody's.
  return errorCode === UNKNOWN_ID ? { state: 'Dead', producer: NOBODY } : { state, producer: { id: producerId, epoch: producerEpoch } };
}

/**
 * How the transactions of a producer's predecessors ended, as far as their coordinator has told. It tells it until the id is initialised
 * again; so it is asked before each attempt to do that, and what it told before an attempt whose answer was lost still holds.
 */
export class PredecessorOutcome {
  readonly #producers = new Set<bigint>();
  #last: { readonly producer: ProducerIdentity; readonly outcome: Outcome } | undefined;

  /** The ids of the producers that had the transactional id. */
  get producers(): ReadonlySet<bigint> {
    return this.#producers;
  }

  learn({ state, producer }: TransactionState): void {
    if (producer.id >= 0n) this.#producers.add(producer.id);
    if (COMMITTED.has(state)) this.#last = { producer, outcome: 'commit' };
    else if (ABORTED.has(state)) this.#last = { producer, outcome: 'abort' };
    else if (state === 'Ongoing') this.#last = undefined;
  }

  /**
   * How what a producer left in its last transaction ended; undefined when nobody knows. A transaction that was ended for its producer, by
   * its successor or for its time, was aborted under the next epoch.
   */
  of({ id, epoch }: ProducerIdentity): Outcome | undefined {
    const last = this.#last;
    if (last === undefined || last.producer.id !== id) return undefined;
    return last.producer.epoch === epoch || (last.outcome === 'abort' && last.producer.epoch === epoch + 1) ? last.outcome : undefined;
  }
}
