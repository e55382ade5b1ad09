import { cases } from '@weir/testkit';
import type fc from 'fast-check';
import { describe, it } from 'vitest';
import { codecLaws } from '../codec-laws.ts';
import type { Lawful } from '../codec-laws.ts';
import { Sample, sampleRow } from '../sample.ts';
import { csv } from './csv.ts';

// CSV writes numbers as JSON does, which has no -0.
const rowOf = sampleRow.map((row) => ({ ...row, price: row.price + 0, share: row.share === null ? null : row.share + 0 }));

describe.each([
  ['plain', csv(Sample)],
  ['with a header', csv(Sample, { header: true })],
  ['with a separator, a text for null and other columns', csv(Sample, { separator: ';', nullText: '\\N', columns: ['x', ...Sample.fields.map(({ name }) => name).reverse(), 'y'] })],
  ['with a separator that is in numbers', csv(Sample, { separator: '-', nullText: 'true' })],
])('csv %s', (_, codec) => {
  const lawful = { codec, schema: Sample, rowOf: rowOf as fc.Arbitrary<unknown>, numRuns: cases(100) } as Lawful;

  it.each(Object.entries(codecLaws))('%s', (_name, law) => law(lawful));
});
