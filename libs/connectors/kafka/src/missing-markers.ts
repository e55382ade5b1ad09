import { WeirError } from '@weir/model';
import type { Cluster } from './cluster.ts';
import { abortCommands } from './ending-by-hand.ts';
import type { OpenEnd } from './open-ends.ts';
import type { PredecessorOutcome } from './transaction-outcome.ts';
import { brokerError } from './wire/errors.ts';
import type { ProducerIdentity } from './wire/produce.ts';
import { RequestWriter } from './wire/request-writer.ts';
import { WRITE_TXN_MARKERS, readTxnMarkers, writeTxnMarkers } from './wire/txn-markers.ts';
import type { Place, TransactionMarker } from './wire/txn-markers.ts';

/** A producer that has just taken over its transactional id, and what is known of those that had it before. */
export interface Successor {
  readonly transactionalId: string;
  readonly identity: ProducerIdentity;
  readonly predecessor: PredecessorOutcome;
}

type Marker = TransactionMarker & { readonly places: Place[] };

const FENCED = 47;
const NO_RIGHT = 31;
const MOST_PLACES = 10;

/**
 * Writes the markers that are missing in partitions of a broker, as the coordinator would have: how the transaction ended was decided,
 * and is never guessed. Throws KAFKA_END_LOST, KAFKA_NOT_AUTHORIZED, LOG_WRITER_FENCED.
 */
export async function writeMissingMarkers(cluster: Cluster, node: number, { transactionalId, identity, predecessor }: Successor, ends: readonly OpenEnd[]): Promise<void> {
  if (ends.some(({ producer: { id, epoch } }) => id === identity.id && epoch > identity.epoch)) throw brokerError(FENCED, `looking for open transactions of ${transactionalId}`);
  const unknown: OpenEnd[] = [];
  const markers = new Map<string, Marker>();
  for (const end of ends) {
    const { topic, partition, producer, coordinatorEpoch } = end;
    const outcome = predecessor.of(producer);
    if (outcome === undefined) {
      unknown.push(end);
      continue;
    }
    const key = `${producer.id} ${producer.epoch} ${coordinatorEpoch}`;
    const marker: Marker = markers.get(key) ?? { producer, isCommit: outcome === 'commit', coordinatorEpoch, places: [] };
    markers.set(key, marker);
    marker.places.push({ topic, partition });
  }
  // First what is known: the next producer of the id may not know it.
  if (markers.size > 0) await write(cluster, node, transactionalId, [...markers.values()], ends);
  if (unknown.length > 0) throw new WeirError('KAFKA_END_LOST', `${withoutEnd(transactionalId, unknown)}; nothing tells whether it was committed.`, { remedy: `Decide: ${abortCommands(unknown)}` });
}

async function write(cluster: Cluster, node: number, transactionalId: string, markers: readonly TransactionMarker[], ends: readonly OpenEnd[]): Promise<void> {
  const connection = await cluster.control(node);
  const response = await connection.request(WRITE_TXN_MARKERS, [writeTxnMarkers(new RequestWriter(), markers)], cluster.requestMilliseconds);
  try {
    for (const { topic, partition, error } of readTxnMarkers(response.bytes)) {
      if (error === NO_RIGHT) throw notAllowed(transactionalId, markers, ends);
      if (error !== 0) throw brokerError(error, `ending a transaction of ${transactionalId} in ${topic}/${partition}`);
    }
    for (const { isCommit, places } of markers) {
      const where = places.map(({ topic, partition }) => `${topic}/${partition}`).join(', ');
      cluster.warn(`A broker had lost the end of a transaction of ${transactionalId} in ${where} (KAFKA-20734); it was ${isCommit ? 'committed' : 'aborted'}, and has that end now.`);
    }
  } finally {
    response.release();
  }
}

function notAllowed(transactionalId: string, markers: readonly TransactionMarker[], ends: readonly OpenEnd[]): WeirError {
  const outcome = markers.some(({ isCommit }) => isCommit) ? 'committed' : 'aborted';
  return new WeirError('KAFKA_NOT_AUTHORIZED', `${withoutEnd(transactionalId, ends)}; it was ${outcome}, and the user may not end it.`, {
    remedy: `Give the user the right ALTER on the cluster, for the next time. This time ${abortCommands(ends)}`,
  });
}

function withoutEnd(transactionalId: string, ends: readonly OpenEnd[]): string {
  const places = ends.slice(0, MOST_PLACES).map(({ topic, partition, startOffset }) => `${topic}/${partition} (from offset ${startOffset} on)`);
  const rest = ends.length > MOST_PLACES ? ` and ${ends.length - MOST_PLACES} more partitions` : '';
  return `A transaction of ${transactionalId} has no end in ${places.join(', ')}${rest}`;
}
