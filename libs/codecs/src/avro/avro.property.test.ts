import type { RegisteredSchema, SchemaSource } from '@weir/connector-api';
import { cases } from '@weir/testkit';
import type fc from 'fast-check';
import { describe, it } from 'vitest';
import { codecLaws } from '../codec-laws.ts';
import type { Lawful } from '../codec-laws.ts';
import { Sample, sampleRow } from '../sample.ts';
import { avro } from './avro.ts';
import { avroSchema } from './avro-schema-of.ts';

const registered: RegisteredSchema = { id: 70_000, type: 'AVRO', schema: JSON.stringify(avroSchema(Sample)), references: [] };
const registry: SchemaSource = { schemaById: async (id) => Promise.resolve(id === registered.id ? registered : undefined) };

describe.each([
  ['of one schema', avro(Sample)],
  ['by registry', avro(Sample, { registry, registered })],
  ['by a reader\u2019s schema', avro(Sample, { reader: avroSchema(Sample) })],
])('avro %s', (_, codec) => {
  const lawful = { codec, schema: Sample, rowOf: sampleRow as fc.Arbitrary<unknown>, numRuns: cases(100) } as Lawful;

  it.each(Object.entries(codecLaws))('%s', (_name, law) => law(lawful));
});
