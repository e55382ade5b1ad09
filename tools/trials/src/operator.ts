import type { Broker } from '@weir/kafka-broker';
import { ABANDONED } from './other-client.ts';

const TRANSACTIONS = 'org.apache.kafka.tools.TransactionsCommand';
/** What Kafka's tool lists of a transaction that its client has left: id, coordinator, producer, state. */
const LEFT = new RegExp(`^${ABANDONED} \\d+\\s+\\d+\\s+(\\d+)\\s+(\\w+)`, 'gm');
/** What it says of a producer whose transaction is open in a partition: id, epochs, sequence, time, and where that begins. */
const OPEN = /^(\d+)\s+\d+\s+-?\d+\s+-?\d+\s+-?\d+\s+(\d+)\s*$/gm;

/**
 * Ends what hangs for good, as an operator would by Kafka's own tool (KIP-664): transactions that their client has left, that their coordinator
 * calls ended, and that are open in a partition all the same, as the broker was killed before it had written their markers (KAFKA-20734).
 * Committed readers would wait for them for ever. Answers in how many partitions there was one.
 */
export async function endAbandoned(broker: Pick<Broker, 'bootstrap' | 'tool'>, topic: string, partitions: number): Promise<number> {
  const tool = (...args: readonly string[]): Promise<string> => broker.tool(TRANSACTIONS, ['--bootstrap-server', broker.bootstrap, ...args]);
  const listed = [...(await tool('list')).matchAll(LEFT)];
  // Their client begins no other one: what is open later, and ended now, has lost its end.
  const ended = new Set(listed.filter(([, , state]) => /^(Complete|Empty)/.test(state!)).map(([, producer]) => producer));
  let hanging = 0;
  for (let partition = 0; partition < partitions && ended.size > 0; partition++) {
    const place = ['--topic', topic, '--partition', String(partition)];
    for (const [, producer, startOffset] of (await tool('describe-producers', ...place)).matchAll(OPEN)) {
      if (!ended.has(producer)) continue;
      await tool('abort', ...place, '--start-offset', startOffset!);
      hanging++;
    }
  }
  return hanging;
}
