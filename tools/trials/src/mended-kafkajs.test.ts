import { createRequire } from 'node:module';
import { Kafka as PlainKafka } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { Kafka, committedMessages } from './mended-kafkajs.ts';

const plainFilter = createRequire(import.meta.url)('kafkajs/src/consumer/filterAbortedMessages.js') as typeof committedMessages;

function message(offset: number, producer: number | undefined, marker?: 'abort' | 'commit'): Parameters<typeof committedMessages>[0]['messages'][number] {
  const key = marker === undefined ? null : Buffer.from([0, 0, 0, marker === 'abort' ? 0 : 1]);
  return { offset: String(offset), key, isControlRecord: marker !== undefined, batchContext: { producerId: String(producer ?? -1), inTransaction: producer !== undefined } };
}

/** From offset 10 on: the middle of two aborted transactions, a record of a committed one, and one of none. */
const MESSAGES = [message(10, 1), message(11, 2), message(12, 3), message(13, undefined), message(14, 2, 'abort'), message(15, 1, 'abort'), message(16, 3, 'commit'), message(17, 1), message(18, 1, 'commit')];
/** As a broker lists them: by their ends. */
const ABORTED = [
  { producerId: '2', firstOffset: '5' },
  { producerId: '1', firstOffset: '3' },
];

describe('the filter of the auditor', () => {
  it('shows no message of several aborted transactions in which a fetch begins, where kafkajs itself does', () => {
    const shown = (filter: typeof committedMessages): readonly string[] =>
      filter({ messages: MESSAGES, abortedTransactions: ABORTED })
        .filter(({ isControlRecord }) => !isControlRecord)
        .map(({ offset }) => offset);
    expect(shown(committedMessages)).toEqual(['12', '13', '17']);
    expect(shown(plainFilter)).toEqual(['10', '12', '13', '17']);
  });

  it('is that of a kafkajs of its own: the others have theirs', () => {
    expect(Kafka).not.toBe(PlainKafka);
  });
});
