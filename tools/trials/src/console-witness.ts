import type { Broker } from '@weir/kafka-broker';

const IDLE_MILLISECONDS = 6_000;

/** Where Kafka's own console consumer sees records of a topic, as `partition/offset`. */
export async function witnessed(broker: Broker, topic: string, isolation: 'read_committed' | 'read_uncommitted'): Promise<ReadonlySet<string>> {
  const shown = ['print.partition=true', 'print.offset=true', 'print.value=false'].flatMap((property) => ['--formatter-property', property]);
  const output = await broker.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', ['--bootstrap-server', broker.bootstrap, '--topic', topic, '--from-beginning', '--isolation-level', isolation, '--timeout-ms', String(IDLE_MILLISECONDS), ...shown]);
  return new Set([...output.matchAll(/Partition:(\d+)\s+Offset:(\d+)/g)].map((match) => `${match[1]}/${match[2]}`));
}
