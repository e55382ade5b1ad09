import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { int, json as nested, nullable, record, string } from '@weir/schema';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../twin-agreement.ts';
import { protobuf } from './protobuf.ts';
import { boundTo, descriptorOf, fromBufbuild, messageFields, messageOf, toBufbuild } from './protobuf-shapes.ts';
import type { FieldShape, Message } from './protobuf-shapes.ts';

const numRuns = cases(300);

const withMessages = messageFields.chain((fields) => fc.tuple(fc.constant(fields), fc.array(messageOf(fields), { minLength: 1, maxLength: 4 })));

function decoded(fields: readonly FieldShape[], values: readonly Uint8Array[]): Message[] {
  const { schema, bindings } = boundTo(fields);
  const { batch, rejections } = protobuf(schema, { fields: bindings }).decoder().decode(recordsOf(values), 's', 0, 0, values.length);
  expect(rejections).toEqual([]);
  return Array.from({ length: batch.length }, (_, position) => ({ ...batch.at(position) }));
}

describe('protobuf beside bufbuild', () => {
  it('reads what bufbuild writes, packed and not', () => {
    fc.assert(
      fc.property(withMessages, ([fields, messages]) => {
        const descriptor = descriptorOf(fields);
        const values = messages.map((message) => toBinary(descriptor, create(descriptor, toBufbuild(fields, message))));
        expect(decoded(fields, values)).toEqual(values.map((value) => fromBufbuild(fields, fromBinary(descriptor, value))));
      }),
      { numRuns },
    );
  });

  it('takes several occurrences of a field together as bufbuild does, and passes over fields that are not bound', () => {
    fc.assert(
      fc.property(withMessages.chain(([fields, messages]) => fc.tuple(fc.constant(fields), fc.constant(messages), fc.subarray([...fields]))), ([fields, messages, bound]) => {
        const descriptor = descriptorOf(fields);
        const value = Buffer.concat(messages.map((message) => toBinary(descriptor, create(descriptor, toBufbuild(fields, message)))));
        // An exact array: bufbuild takes a Buffer's whole memory for its strings.
        const together = fromBinary(descriptorOf(bound), Uint8Array.from(value));
        expect(decoded(bound, [value])).toEqual([fromBufbuild(bound, together)]);
      }),
      { numRuns },
    );
  });

  it('writes the bytes that bufbuild writes', () => {
    fc.assert(
      fc.property(withMessages, ([all, messages]) => {
        // Here lists are always packed, and bytes of nested values are given in Base64.
        const fields = all.map(packed);
        const descriptor = descriptorOf(fields);
        const { schema, bindings } = boundTo(fields);
        const codec = protobuf(schema, { fields: bindings });
        for (const message of messages) {
          const expected = toBinary(descriptor, create(descriptor, toBufbuild(fields, message)));
          const ours = codec.encode(fromBufbuild(fields, fromBinary(descriptor, expected)));
          expect(Buffer.from(ours).toString('hex')).toBe(Buffer.from(expected).toString('hex'));
        }
      }),
      { numRuns },
    );
  });
});

describe('maps and oneofs', () => {
  const entry = {
    name: 'LinesEntry',
    field: [{ name: 'key', number: 1, type: Type.STRING, label: Label.OPTIONAL }, { name: 'value', number: 2, type: Type.INT64, label: Label.OPTIONAL }],
    options: { mapEntry: true },
  };
  const file = create(FileDescriptorProtoSchema, {
    name: 'order.proto',
    syntax: 'proto3',
    messageType: [{
      name: 'Order',
      field: [
        { name: 'lines', number: 1, type: Type.MESSAGE, typeName: '.Order.LinesEntry', label: Label.REPEATED },
        { name: 'card', number: 2, type: Type.STRING, label: Label.OPTIONAL, oneofIndex: 0 },
        { name: 'cash', number: 3, type: Type.SINT64, label: Label.OPTIONAL, oneofIndex: 0 },
      ],
      oneofDecl: [{ name: 'paid' }],
      nestedType: [entry],
    }],
  });
  const descriptor = createFileRegistry(file, () => undefined).getMessage('Order')!;
  const Order = record('Order', { lines: nested<readonly { readonly key: string; readonly value: number }[]>(), card: nullable(string()), cash: nullable(int()) });
  const codec = protobuf(Order, {
    fields: { lines: { number: 1, repeated: true, message: { key: { number: 1, type: 'string' }, value: { number: 2, type: 'int64' } } }, card: 2, cash: { number: 3, type: 'sint64' } },
  });
  const order = fc.record({
    lines: fc.dictionary(fc.string({ maxLength: 4 }).filter((key) => key !== '__proto__'), fc.maxSafeInteger(), { noNullPrototype: true }),
    paid: fc.oneof(fc.constant(undefined), fc.record({ case: fc.constant('card' as const), value: fc.string() }), fc.record({ case: fc.constant('cash' as const), value: fc.maxSafeInteger() })),
  });

  it('are read as bufbuild writes them: a list of entries, and fields of which one at most is there', () => {
    fc.assert(
      fc.property(order, ({ lines, paid }) => {
        const message: Record<string, unknown> = {
          lines: Object.fromEntries(Object.entries(lines).map(([key, each]) => [key, BigInt(each)])),
          paid: paid?.case === 'cash' ? { case: 'cash', value: BigInt(paid.value) } : (paid ?? { case: undefined }),
        };
        const value = toBinary(descriptor, create(descriptor, message));
        const { batch, rejections } = codec.decoder().decode(recordsOf([value]), 's', 0, 0, 1);
        expect(rejections).toEqual([]);
        const row = batch.at(0);
        expect(Object.fromEntries(row.lines.map(({ key, value: each }) => [key, each]))).toEqual(lines);
        expect([row.card, row.cash]).toEqual([paid?.case === 'card' ? paid.value : null, paid?.case === 'cash' ? paid.value : null]);
      }),
      { numRuns },
    );
  });

  it('are written as bufbuild reads them', () => {
    fc.assert(
      fc.property(order, ({ lines, paid }) => {
        const entries = Object.entries(lines).map(([key, value]) => ({ key, value }));
        const bytes = codec.encode({ lines: entries, card: paid?.case === 'card' ? paid.value : null, cash: paid?.case === 'cash' ? paid.value : null });
        const read = fromBinary(descriptor, Uint8Array.from(bytes)) as unknown as { readonly lines: Readonly<Record<string, bigint>>; readonly paid: { readonly case: string | undefined; readonly value?: unknown } };
        expect(Object.fromEntries(Object.entries(read.lines).map(([key, value]) => [key, Number(value)]))).toEqual(lines);
        expect([read.paid.case, paid?.case === 'cash' ? Number(read.paid.value) : read.paid.value]).toEqual([paid?.case, paid?.value]);
      }),
      { numRuns },
    );
  });
});

function packed(field: FieldShape): FieldShape {
  return { ...field, packed: true, fields: field.fields.map(packed) };
}
