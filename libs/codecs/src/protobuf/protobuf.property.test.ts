import { cases } from '@weir/testkit';
import type fc from 'fast-check';
import { describe, it } from 'vitest';
import { codecLaws } from '../codec-laws.ts';
import type { Lawful } from '../codec-laws.ts';
import { Sample, sampleRow } from '../sample.ts';
import { protobuf } from './protobuf.ts';

describe.each([
  ['numbered by order', protobuf(Sample)],
  ['with an id in front', protobuf(Sample, { schemaId: 7 })],
  [
    'bound to numbers and types',
    protobuf(Sample, {
      fields: {
        id: { number: 3, type: 'sint64' }, price: 2, name: { number: 1, type: 'bytes' }, at: { number: 2_000, type: 'timestamp' }, paid: 5, tags: 6,
        units: { number: 536_870_911, type: 'sfixed64' }, share: 8, note: 16, seen: { number: 10, type: 'timestamp' }, good: 11, more: 12,
      },
    }),
  ],
])('protobuf %s', (_, codec) => {
  const lawful = { codec, schema: Sample, rowOf: sampleRow as fc.Arbitrary<unknown>, numRuns: cases(100) } as Lawful;

  it.each(Object.entries(codecLaws))('%s', (_name, law) => law(lawful));
});
