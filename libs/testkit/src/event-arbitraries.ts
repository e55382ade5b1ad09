import type { Step, Timestamp } from '@weir/model';
import fc from 'fast-check';

/** A row as it arrives; its place in the array is its place among all arrivals. */
export interface ArrivingRow<T> {
  readonly timestamp: Timestamp;
  readonly partition: number;
  readonly value: T;
}

export interface DisorderOptions {
  /** Default 2. */
  readonly partitions?: number;
  /** Milliseconds whose multiples are the boundaries that times fall on, and just beside; a window's size, say. Default 10. */
  readonly boundary?: number;
  /** The most that a row comes behind its time, in milliseconds; default 3 boundaries. */
  readonly maxDelay?: number;
  /** Default 40. */
  readonly maxRows?: number;
}

/**
 * Rows of a stream with disorder, in order of arrival: times on boundaries and beside them, before 1970, equal to each other; rows
 * that come late; rows that come twice.
 */
export function disorderedRows<T>(value: fc.Arbitrary<T>, options: DisorderOptions = {}): fc.Arbitrary<readonly ArrivingRow<T>[]> {
  const { partitions = 2, boundary = 10, maxDelay = 3 * boundary, maxRows = 40 } = options;
  const beside = fc.tuple(fc.integer({ min: -3, max: 6 }), fc.constantFrom(-1, 0, 0, 1)).map(([multiple, offset]) => multiple * boundary + offset);
  const timestamp = fc.oneof(beside, fc.integer({ min: -3 * boundary, max: 6 * boundary }));
  const delay = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: maxDelay }) });
  const arrival = fc.record({ timestamp, delay, partition: fc.nat({ max: partitions - 1 }), value, again: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, delay) });
  return fc.array(arrival, { maxLength: maxRows }).map((arrivals) =>
    arrivals
      .flatMap(({ again, delay: first, ...row }) => [first, ...(again === undefined ? [] : [again])].map((late) => ({ row, at: row.timestamp + late })))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row),
  );
}

/**
 * Steps that process every record of the partitions of a source once and in order, cut and interleaved in any way, with ticks of a
 * clock that does not go back. `records[partition]` is the number of its records.
 */
export function stepsOver(source: string, records: readonly number[]): fc.Arbitrary<readonly Step[]> {
  const cut = fc.record({ partition: fc.nat({ max: Math.max(0, records.length - 1) }), length: fc.integer({ min: 1, max: 8 }), tick: fc.option(fc.nat({ max: 1_000 }), { freq: 4 }) });
  return fc.array(cut, { maxLength: 30 }).map((cuts) => {
    const steps: Step[] = [];
    const positions = records.map(() => 0);
    let now = 0;
    const take = (partition: number, length: number): void => {
      const from = positions[partition] ?? 0;
      const to = Math.min(records[partition] ?? 0, from + length);
      if (to > from) steps.push({ kind: 'records', source, partition, from, to });
      positions[partition] = to;
    };
    for (const { partition, length, tick } of cuts) {
      take(partition, length);
      if (tick !== null) steps.push({ kind: 'tick', now: (now += tick) });
    }
    for (const partition of records.keys()) take(partition, Number.POSITIVE_INFINITY);
    return steps;
  });
}
