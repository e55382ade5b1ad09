import type { Broker } from '@weir/kafka-broker';

/** What Kafka's tool prints of each batch of a segment. */
const BATCH = /^baseOffset: (\d+) .*? producerId: (-?\d+) producerEpoch: (-?\d+) .*? isControl: (true|false) /gm;
const FIRST_SEGMENT = '00000000000000000000.log';

/**
 * Places, of those that are given as `partition/offset`, of records whose transaction has no end of its own in the log. Each is the
 * only record of its transaction in its partition.
 *
 * A transaction is ended by a marker in each of its partitions, which the broker writes after it has answered the client. When it is
 * killed in between, it is to write them when it starts again. Kafka 4.3 may not (KAFKA-20734): for a moment it knows no leader of its own
 * partitions, takes them for deleted ("likely deleted already and hence can be skipped", says its log), and calls the transaction ended.
 * Its records stay open and share the end of the next transaction of the same producer: what was aborted is committed by that one, or
 * the other way round, for every reader, whatever the client was told.
 */
export async function lostEnds(broker: Broker, topic: string, places: Iterable<string>): Promise<ReadonlySet<string>> {
  const offsets = new Map<string, Set<number>>();
  for (const place of places) {
    const [partition, offset] = place.split('/') as [string, string];
    offsets.set(partition, (offsets.get(partition) ?? new Set()).add(Number(offset)));
  }
  const lost = new Set<string>();
  for (const [partition, ofPartition] of offsets) {
    const dump = await broker.tool('org.apache.kafka.tools.DumpLogSegments', ['--files', `${broker.data}/${topic}-${partition}/${FIRST_SEGMENT}`]);
    for (const offset of withoutEnd(dump, ofPartition)) lost.add(`${partition}/${offset}`);
  }
  return lost;
}

/**
 * Offsets, of those that are given, whose producer goes on with another of them before any marker, or whose marker has a higher epoch
 * and so is not that which the producer asked for; in what the tool prints of a partition.
 */
export function withoutEnd(dump: string, offsets: ReadonlySet<number>): readonly number[] {
  const open = new Map<string, { readonly offset: number; readonly epoch: number }>();
  const lost: number[] = [];
  for (const [, base, producer, epoch, isControl] of dump.matchAll(BATCH)) {
    const isMarker = isControl === 'true';
    if (!isMarker && !offsets.has(Number(base))) continue;
    const before = open.get(producer!);
    if (before !== undefined && (!isMarker || Number(epoch) > before.epoch)) lost.push(before.offset);
    if (isMarker) open.delete(producer!);
    else open.set(producer!, { offset: Number(base), epoch: Number(epoch) });
  }
  return lost;
}
