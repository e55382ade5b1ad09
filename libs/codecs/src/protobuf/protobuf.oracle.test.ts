import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
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

function packed(field: FieldShape): FieldShape {
  return { ...field, packed: true, fields: field.fields.map(packed) };
}
