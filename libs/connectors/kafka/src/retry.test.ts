import type { WeirError } from '@weir/model';
import { describe, expect, it } from 'vitest';
import { isAnswer, withRetries } from './retry.ts';
import { brokerError, closedBeforeTls, connectionError, malformed } from './wire/errors.ts';

const away = (): WeirError => connectionError('broker:9092', 'broke');

/** Fails so many times, then answers how often it was called. */
function failing(times: number, error: () => unknown = away): () => Promise<number> {
  let calls = 0;
  return () => (++calls <= times ? Promise.reject(error() as Error) : Promise.resolve(calls));
}

describe('calls that are tried again', () => {
  it('are, until they succeed; what lies between is told each time', async () => {
    const told: string[] = [];
    expect(await withRetries({ milliseconds: 5_000 }, failing(3), ({ code }) => told.push(code))).toBe(4);
    expect(told).toEqual(['KAFKA_CONNECTION', 'KAFKA_CONNECTION', 'KAFKA_CONNECTION']);
  });

  it('are not when the budget is spent, when they are stopped, or when it would be no use', async () => {
    const attempts = failing(1_000);
    await expect(withRetries({ milliseconds: 100 }, attempts)).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' });
    expect(await withRetries({ milliseconds: 0 }, failing(0))).toBe(1);
    await expect(withRetries({ milliseconds: 60_000, isStopped: () => true }, failing(1))).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' });
    await expect(withRetries({ milliseconds: 60_000 }, failing(1, () => brokerError(29, 'reading')))).rejects.toMatchObject({ code: 'KAFKA_NOT_AUTHORIZED' });
    await expect(withRetries({ milliseconds: 60_000 }, failing(1, () => new TypeError('a bug')))).rejects.toThrow('a bug');
    await expect(withRetries({ milliseconds: 60_000 }, failing(1), undefined, () => false)).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' });
  });
});

describe('what is an answer', () => {
  it('is what a broker says of the request, and nothing that befell the connection', () => {
    for (const code of [3, 7, 16, 47, 51, 90, 9_999]) expect(isAnswer(brokerError(code, 'asking'))).toBe(true);
    // The last one: who has to say again who he is, when the connection has broken, may be refused.
    for (const error of [away(), malformed(), closedBeforeTls('broker:9092'), brokerError(58, 'authenticating'), new TypeError('a bug')]) expect(isAnswer(error)).toBe(false);
  });
});
