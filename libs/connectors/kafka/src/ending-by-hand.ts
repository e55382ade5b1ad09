import { OFFSETS_TOPIC } from './offsets-topic.ts';
import type { OpenEnd } from './open-ends.ts';

/** What a remedy says of transactions whose end a broker has lost, and that Weir cannot end by itself. */
const TOOL = 'kafka-transactions.sh --bootstrap-server HOST:PORT';
const LOST = 'a broker that was killed may have lost its end (KAFKA-20734)';
const THEN = 'its records are then never shown, even acknowledged ones.';
const MOST_COMMANDS = 20;

/** How transactions are found that have no end, and ended. */
export const FIND_AND_ABORT =
  `If no writer is at work on it, ${LOST}: \`${TOOL} find-hanging --broker-id ID --max-transaction-timeout 1\` shows it, ` +
  `and \`${TOOL} ${abort('TOPIC', 'PARTITION', 'OFFSET')}\` for each line ends it, those of ${OFFSETS_TOPIC} last; ${THEN}`;

/** How those are ended that were found. */
export function abortCommands(ends: readonly OpenEnd[]): string {
  const inOrder = [...ends].sort((a, b) => Number(a.topic === OFFSETS_TOPIC) - Number(b.topic === OFFSETS_TOPIC));
  const commands = inOrder.slice(0, MOST_COMMANDS).map(({ topic, partition, startOffset }) => `\`${TOOL} ${abort(topic, partition, startOffset)}\``);
  const rest = inOrder.length > MOST_COMMANDS ? ` (and ${inOrder.length - MOST_COMMANDS} more, which are told when these are ended)` : '';
  return `${LOST}; ${commands.join(', then ')}${rest} aborts it; ${THEN}`;
}

function abort(topic: string, partition: number | string, offset: bigint | string): string {
  return `abort --topic ${topic} --partition ${partition} --start-offset ${offset}`;
}
