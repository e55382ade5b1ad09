import { json as nested, nullable, record } from '@weir/schema';
import { cases } from '@weir/testkit';
import avsc from 'avsc';
import type { Schema, Type } from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../twin-agreement.ts';
import { avro } from './avro.ts';
import type { AvroSchema } from './avro-type.ts';
import { mismatch } from './avro-resolution.ts';
import { parseAvroSchema } from './avro-schema-parser.ts';
import { evolvedRecord, plainOf, recordShape, schemaOf, valueOf } from './avro-shapes.ts';
import type { RecordShape } from './avro-shapes.ts';

const numRuns = cases(300);

const avscOf = (shape: RecordShape): Type => avsc.Type.forSchema(schemaOf(shape) as Schema, { wrapUnions: 'always' });
/** All fields as JSON, so that any type may stand in them. */
const fieldsOf = (shape: RecordShape) => record('R', Object.fromEntries(shape.fields.map(({ name }) => [name, nullable(nested<unknown>())])));

const withValues = recordShape.chain((writer) => fc.tuple(fc.constant(writer), fc.array(valueOf(writer), { minLength: 1, maxLength: 4 })));

function decoded(reader: RecordShape, values: readonly Uint8Array[], options: { readonly writer: AvroSchema; readonly reader?: AvroSchema }): unknown[] {
  const { batch, rejections } = avro(fieldsOf(reader), options).decoder().decode(recordsOf(values), 's', 0, 0, values.length);
  expect(rejections).toEqual([]);
  return Array.from({ length: batch.length }, (_, position) => ({ ...(batch.at(position) as object) }));
}

describe('avro beside avsc', () => {
  it('reads what avsc writes, whatever the schema', () => {
    fc.assert(
      fc.property(withValues, ([writer, rows]) => {
        const type = avscOf(writer);
        const values = rows.map(({ wrapped }) => type.toBuffer(wrapped));
        expect(decoded(writer, values, { writer: schemaOf(writer) as AvroSchema })).toEqual(rows.map(({ plain }) => plain));
      }),
      { numRuns },
    );
  });

  it('writes what avsc reads', () => {
    fc.assert(
      fc.property(withValues, ([writer, rows]) => {
        const schema = schemaOf(writer) as AvroSchema;
        const values = rows.map(({ plain }) => Buffer.from(avro(fieldsOf(writer), { writer: schema }).encode(plain as Record<string, unknown>)));
        const type = avscOf(writer);
        expect(values.map((value) => plainOf(writer, type.fromBuffer(value)))).toEqual(rows.map(({ plain }) => plain));
      }),
      { numRuns },
    );
  });

  it('resolves a reader\u2019s schema as avsc does, and refuses the pairs that it refuses', () => {
    fc.assert(
      fc.property(
        withValues.chain(([writer, rows]) => fc.tuple(fc.constant(writer), fc.constant(rows), evolvedRecord(writer))),
        ([writer, rows, reader]) => {
          const [from, to] = [avscOf(writer), avscOf(reader)];
          const written = schemaOf(writer) as AvroSchema;
          const wanted = schemaOf(reader) as AvroSchema;
          const why = mismatch(parseAvroSchema(written), parseAvroSchema(wanted));
          let resolver;
          try {
            resolver = to.createResolver(from);
          } catch (error) {
            expect(why, String(error)).toBeDefined();
            return;
          }
          expect(why).toBeUndefined();
          const values = rows.map(({ wrapped }) => from.toBuffer(wrapped));
          const expected = values.map((value) => plainOf(reader, to.fromBuffer(value, resolver)));
          expect(decoded(reader, values, { writer: written, reader: wanted })).toEqual(expected);
        },
      ),
      { numRuns: numRuns * 3 },
    );
  });
});
