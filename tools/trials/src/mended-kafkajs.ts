import { createRequire } from 'node:module';

interface Message {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

interface Filtered {
  readonly messages: readonly Message[];
  readonly abortedTransactions?: readonly { readonly firstOffset: string; readonly producerId: string }[] | null;
}

/** The type of a control record: 0 for the end of an aborted transaction (KIP-98). */
const MARKER_TYPE_AT = 2;

/**
 * Messages of committed transactions. A fetch may begin inside of several aborted ones at once: all of those that have begun are noted in front
 * of a message. (kafkajs 2.2.4 notes one for each message, in the order of the broker's list, and lets the first messages of the others pass.)
 */
export function committedMessages({ messages, abortedTransactions }: Filtered): readonly Message[] {
  const begins = (abortedTransactions ?? []).map(({ firstOffset, producerId }) => ({ firstOffset: BigInt(firstOffset), producerId: String(producerId) }));
  // A broker lists them by their ends.
  begins.sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborted = new Set<string>();
  return messages.filter(({ offset, key, isControlRecord, batchContext: { producerId, inTransaction } }) => {
    while (begins.length > 0 && BigInt(offset) >= begins[0]!.firstOffset) aborted.add(begins.shift()!.producerId);
    if (!isControlRecord) return !inTransaction || !aborted.has(String(producerId));
    if (key !== null && key.readInt16BE(MARKER_TYPE_AT) === 0) aborted.delete(String(producerId));
    return true;
  });
}

/** A copy of kafkajs of its own, in which that is so; who imports kafkajs has it as it is. */
function mendedKafkajs(): typeof import('kafkajs') {
  const load = createRequire(import.meta.url);
  const root = load.resolve('kafkajs/package.json').slice(0, -'package.json'.length);
  const others = Object.keys(load.cache).filter((path) => path.startsWith(root)).map((path) => [path, load.cache[path]!] as const);
  for (const [path] of others) delete load.cache[path];
  const filter = load.resolve('kafkajs/src/consumer/filterAbortedMessages.js');
  load(filter);
  load.cache[filter]!.exports = committedMessages;
  const mended = load('kafkajs') as typeof import('kafkajs');
  for (const path of Object.keys(load.cache)) if (path.startsWith(root)) delete load.cache[path];
  for (const [path, module] of others) load.cache[path] = module;
  return mended;
}

export const { Kafka, logLevel } = mendedKafkajs();
