import { aggregatorLaws, cases } from '@weir/testkit';
import { ByteReader, ByteWriter } from '@weir/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregator } from '../index.ts';

interface Bid {
  readonly cents: number;
}

const product = {
  name: 'range',
  reads: ['cents'] as const,
  create: (): { least: number | null; most: number | null } => ({ least: null, most: null }),
  add: (held: { least: number | null; most: number | null }, { cents }: Bid) => ({ least: Math.min(held.least ?? cents, cents), most: Math.max(held.most ?? cents, cents) }),
  merge: (into: { least: number | null; most: number | null }, from: { least: number | null; most: number | null }) => ({
    least: from.least === null ? into.least : Math.min(into.least ?? from.least, from.least),
    most: from.most === null ? into.most : Math.max(into.most ?? from.most, from.most),
  }),
  finish: ({ least, most }: { least: number | null; most: number | null }) => (most ?? 0) - (least ?? 0),
};

describe('an aggregator of one’s own', () => {
  const range = aggregator(product);

  it.each(Object.entries(aggregatorLaws(range, fc.record({ cents: fc.integer() }))))('%s', (_, property) => {
    fc.assert(property, { numRuns: cases(50) });
  });

  it('is a value like those of the library', () => {
    expect(range).toMatchObject({ kind: 'range', describe: 'range()', reads: ['cents'] });
    expect(Object.isFrozen(range)).toBe(true);
    expect(range.retract).toBeUndefined();
    expect(aggregator({ ...product, retract: (into: { least: number | null; most: number | null }) => into }).retract).toBeDefined();
  });

  it('may write its state itself', () => {
    const set = aggregator({
      name: 'set',
      create: () => new Set<number>(),
      add: (held: Set<number>, { cents }: Bid) => held.add(cents),
      merge: (into: Set<number>, from: Set<number>) => new Set([...into, ...from]),
      finish: (held: Set<number>) => held.size,
      write: (held, writer) => writer.json([...held].sort((a, b) => a - b)),
      read: (reader) => new Set(reader.json() as number[]),
    });
    const writer = new ByteWriter();
    set.write(new Set([3, 1]), writer);
    expect(set.read(new ByteReader(writer.toBytes()))).toEqual(new Set([1, 3]));
  });

  it.each([
    ['no name', { ...product, name: '' }],
    ['a part that is missing', { ...product, merge: undefined }],
    ['write without read', { ...product, write: () => undefined }],
    ['read without write', { ...product, read: () => 1 }],
    ['one accumulator for all', { ...product, create: () => product }],
    ['an accumulator that JSON loses', { ...product, create: () => new Map() }],
    ['a number that JSON loses', { ...product, create: () => ({ least: Number.POSITIVE_INFINITY }) }],
  ])('is refused with %s', (_, parts) => {
    expect(() => aggregator(parts as never)).toThrow(/AGGREGATE_CUSTOM/);
  });

  it('is refused at the checkpoint when its state has become what JSON loses', () => {
    const last = aggregator({ ...product, add: () => ({ least: Number.NaN, most: 1 }) });
    expect(() => last.write(last.add(last.create(), { cents: 1 }), new ByteWriter())).toThrow(/AGGREGATE_CUSTOM/);
  });
});
