import { SchemaRegistry as Witness, SchemaType } from '@kafkajs/confluent-schema-registry';
import { SchemaRegistry } from '@weir/connector-schema-registry';
import { startRegistryServer } from '@weir/registry-server';
import type { RegistryServer } from '@weir/registry-server';
import { boolean, float, int, nullable, record, string } from '@weir/schema';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeValues } from '../codec-laws.ts';
import { avroSchema } from './avro-schema-of.ts';
import { avro } from './avro.ts';

const Row = record('Row', { id: int(), price: float(), name: string(), paid: boolean(), note: nullable(string()) });
const row = fc.record({ id: fc.integer(), price: fc.double({ noNaN: true, noDefaultInfinity: true }), name: fc.string(), paid: fc.boolean(), note: fc.option(fc.string()) });

let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistryServer();
});
afterAll(() => server.close());

// Avro alone: in front of messages of Protocol Buffers that client writes no place, and so not Confluent's wire format.
describe('avro by registry beside the registry client of kafkajs', () => {
  it('is read and written alike, by schemas that either has registered', async () => {
    const registry = new SchemaRegistry({ url: server.url });
    const witness = new Witness({ host: server.url });
    const theirs = await witness.register({ type: SchemaType.AVRO, schema: JSON.stringify(avroSchema(Row)) }, { subject: 'rows-value' });
    const registered = await registry.register('rows-value', { schema: JSON.stringify(avroSchema(Row)) });
    expect(registered.id).toBe(theirs.id);
    const codec = avro(Row, { registry, registered });
    const decoder = codec.decoder();
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 3 }), async (rows) => {
        const written = await Promise.all(rows.map((each) => witness.encode(theirs.id, each)));
        expect((await decodeValues(decoder, written)).rows.map((each) => each.row)).toEqual(rows.map((each) => ({ ...each })));
        const read: unknown[] = await Promise.all(rows.map((each) => witness.decode(Buffer.from(codec.encode(each)))));
        expect(read.map((each) => ({ ...(each as object) }))).toEqual(rows.map((each) => ({ ...each })));
      }),
      { numRuns: cases(50) },
    );
  });

  it('is refused by the rule of the subject alike', async () => {
    const registry = new SchemaRegistry({ url: server.url });
    const witness = new Witness({ host: server.url });
    const other = JSON.stringify(avroSchema(record('Row', { other: int() })));
    await expect(witness.register({ type: SchemaType.AVRO, schema: other }, { subject: 'rows-value' })).rejects.toThrow('incompatible');
    await expect(registry.register('rows-value', { schema: other })).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' });
  });
});
