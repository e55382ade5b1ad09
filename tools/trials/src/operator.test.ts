import { describe, expect, it } from 'vitest';
import { endAbandoned } from './operator.ts';

const LISTED = `TransactionalId     \tCoordinator\tProducerId\tTransactionState\t
other-client        \t1          \t9         \tCompleteCommit  \t
abandoned 12        \t1          \t14        \tCompleteAbort   \t
weir.best-sellers   \t1          \t3         \tEmpty           \t
abandoned 40        \t1          \t21        \tOngoing         \t
`;

/** As Kafka 4.3.0 prints it. */
const PRODUCERS: readonly string[] = [
  `ProducerId\tProducerEpoch\tLatestCoordinatorEpoch\tLastSequence\tLastTimestamp\tCurrentTransactionStartOffset\t
9         \t16           \t0                     \t3           \t1795274770137\t3230                         \t
14        \t0            \t-1                    \t0           \t1795274770137\t3231                         \t
21        \t0            \t-1                    \t0           \t1795274770137\t3240                         \t
`,
  `ProducerId\tProducerEpoch\tLatestCoordinatorEpoch\tLastSequence\tLastTimestamp\tCurrentTransactionStartOffset\t
14        \t1            \t0                     \t0           \t1795274770137\tNone                         \t
`,
];

describe('an operator', () => {
  it('aborts what a client has left, the coordinator calls ended and is open all the same, and nothing else', async () => {
    const aborted: string[] = [];
    const broker = {
      bootstrap: '127.0.0.1:9092',
      tool: async (_: string, [, , command, ...args]: readonly string[]): Promise<string> => {
        if (command === 'list') return LISTED;
        if (command === 'describe-producers') return PRODUCERS[Number(args[3])]!;
        aborted.push(args.join(' '));
        return '';
      },
    };
    expect(await endAbandoned(broker, 'orders', 2)).toBe(1);
    expect(aborted).toEqual(['--topic orders --partition 0 --start-offset 3231']);
  });
});
