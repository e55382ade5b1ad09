import { describe, expect, it } from 'vitest';
import { withoutEnd } from './lost-ends.ts';

interface Batch {
  readonly offset: number;
  readonly producer: number;
  readonly epoch: number;
  readonly isControl?: boolean;
}

/** As Kafka 4.3.0 prints it. */
function dumpOf(batches: readonly Batch[]): string {
  const lines = batches.map(
    ({ offset, producer, epoch, isControl = false }) =>
      `baseOffset: ${offset} lastOffset: ${offset} count: 1 baseSequence: 3 lastSequence: 3 producerId: ${producer} producerEpoch: ${epoch} partitionLeaderEpoch: 36 isTransactional: true isControl: ${isControl} deleteHorizonMs: OptionalLong.empty position: ${offset * 86} CreateTime: 1795274770137 size: 86 magic: 2 compresscodec: none crc: 1155861346 isvalid: true`,
  );
  return ['Dumping orders-2/00000000000000000000.log', 'Log starting offset: 0', ...lines].join('\n');
}

describe('ends of transactions that Kafka lost', () => {
  it('are none where each transaction has its marker, whatever is between', () => {
    const dump = dumpOf([{ offset: 0, producer: 9, epoch: 1 }, { offset: 1, producer: 12, epoch: 1 }, { offset: 2, producer: 9, epoch: 1, isControl: true }, { offset: 3, producer: 9, epoch: 1 }, { offset: 4, producer: 12, epoch: 1, isControl: true }, { offset: 5, producer: 9, epoch: 1, isControl: true }]);
    expect(withoutEnd(dump, new Set([0, 1, 3]))).toEqual([]);
  });

  it('are found where the producer goes on without one, under the same epoch or the next', () => {
    const dump = dumpOf([{ offset: 3_230, producer: 9, epoch: 16 }, { offset: 3_231, producer: 12, epoch: 16, isControl: true }, { offset: 3_253, producer: 9, epoch: 17 }, { offset: 3_254, producer: 9, epoch: 17, isControl: true }, { offset: 3_256, producer: 9, epoch: 17 }, { offset: 3_257, producer: 9, epoch: 17 }]);
    expect(withoutEnd(dump, new Set([3_230, 3_253, 3_256, 3_257]))).toEqual([3_230, 3_256]);
  });

  it('are found where only the broker ended what the next producer of the id had begun', () => {
    const dump = dumpOf([{ offset: 7, producer: 9, epoch: 16 }, { offset: 8, producer: 9, epoch: 18, isControl: true }]);
    expect(withoutEnd(dump, new Set([7]))).toEqual([7]);
  });

  it('are not looked for among the records of others, who write many batches to a transaction', () => {
    const dump = dumpOf([{ offset: 0, producer: 5, epoch: 0 }, { offset: 1, producer: 5, epoch: 0 }, { offset: 2, producer: 5, epoch: 0, isControl: true }]);
    expect(withoutEnd(dump, new Set())).toEqual([]);
  });
});
