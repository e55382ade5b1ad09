import { cases } from '@weir/testkit';
import fc from 'fast-check';
import protobufjs from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { parseProto } from './proto-file.ts';
import type { ProtoMessage } from './proto-file.ts';
import { boundTo, messageFields } from './protobuf-shapes.ts';
import { protobufSchema } from './proto-schema-of.ts';

/** What both say of a file: by full name its fields. */
type Seen = Record<string, readonly { readonly name: string; readonly number: number; readonly type: string; readonly repeated: boolean }[]>;

function byProtobufjs(text: string): Seen {
  const seen: Seen = {};
  const visit = (space: protobufjs.NamespaceBase): void => {
    for (const each of space.nestedArray) {
      if (each instanceof protobufjs.Type) {
        seen[each.fullName.slice(1)] = each.fieldsArray
          .map((field) => {
            const isMap = field instanceof protobufjs.MapField;
            return { name: field.name, number: field.id, type: isMap ? 'map' : (field.resolve().resolvedType?.fullName.slice(1) ?? field.type), repeated: isMap || field.repeated };
          })
          .sort((a, b) => a.number - b.number);
      }
      if (each instanceof protobufjs.Namespace) visit(each);
    }
  };
  const { root } = protobufjs.parse(text, new protobufjs.Root(), { keepCase: true });
  visit(root);
  return seen;
}

function byUs(text: string): Seen {
  const seen: Seen = {};
  const visit = ({ name, fields, messages }: ProtoMessage): void => {
    seen[name] = fields.map(({ name: field, number, type, repeated }) => ({ name: field, number, type, repeated })).sort((a, b) => a.number - b.number);
    messages.forEach(visit);
  };
  parseProto(text).forEach(visit);
  return seen;
}

const FILE = `
// An order; /* not the end of it */ "nor a text
syntax = "proto3";
package shop.v1; /* several
lines */
option java_package = "com.shop; message Not {";
option (custom.thing) = { a: 1; b: "}" };

message Order {
  option deprecated = true;
  reserved 4, 10 to 20;
  reserved "old", "older";
  string invoice = 1;
  repeated sint32 units = 2 [packed = false, (a.b) = { c: 1 }];
  optional Kind kind = 3;
  map<string, Line> lines = 5;
  oneof paid { string card = 6; shop.v1.Line.Price cash = 7; option (x) = 1; }
  Line line = 0x20;
  .shop.v1.Line absolute = 33;
  shop.v1.Line qualified = 34;
  enum Kind { NONE = 0; SOME = 1 [deprecated = true]; LESS = -1; }
  message Line { int64 inner = 1; }
  Line own = 35;
  string message = 36;
  bool optional = 37;
  string json = 38 [json_name = 'J"s'];
}

message Line {
  message Price { fixed64 cents = 1; Order.Kind kind = 2; Price price = 3; }
  Price price = 1;
  ;
}

service Orders {
  rpc Get (Order) returns (stream Line) { option (http) = { get: "/x" }; }
}
`;

describe('a .proto file', () => {
  it('is what protobufjs reads in it', () => {
    expect(byUs(FILE)).toEqual(byProtobufjs(FILE));
    expect(byUs(FILE)['shop.v1.Order']).toContainEqual({ name: 'line', number: 32, type: 'shop.v1.Order.Line', repeated: false });
  });

  it('that is made of a schema is one', () => {
    fc.assert(
      fc.property(messageFields, (fields) => {
        const { schema, bindings } = boundTo(fields);
        const text = protobufSchema(schema, bindings);
        // The file that is imported is not here.
        const local = text.replaceAll('google.protobuf.Timestamp', 'bytes').replace('import "google/protobuf/timestamp.proto";', '');
        expect(byUs(local)).toEqual(byProtobufjs(local));
        expect(byUs(text)['Row']?.map(({ name, number, repeated }) => ({ name, number, repeated }))).toEqual(fields.map(({ name, number, repeated }) => ({ name, number, repeated })).sort((a, b) => a.number - b.number));
      }),
      { numRuns: cases(100) },
    );
  });

  it.each(['message', 'message A', 'message A {', 'message A { int32 }', 'message A { int32 a = 0; }', 'message A { int32 a = x; }', 'message A { int32 a 1; }', '§', 'message A { map<int32 }', '"open'])('that is none is refused: %s', (text) => {
    expect(() => parseProto(text)).toThrow('PROTOBUF_SCHEMA');
  });

  it('of any letters is read or refused', () => {
    const words = fc.constantFrom('message', 'enum', 'oneof', 'map', '<', '>', 'A', 'int32', 'a', '=', '1', ';', '{', '}', '[', ']', 'reserved', 'group', 'repeated', 'option', '"x"', 'package', '.', ',');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }).map((all) => all.join(' ')), (text) => {
        try {
          parseProto(text);
        } catch (error) {
          expect(String(error)).toContain('PROTOBUF_SCHEMA');
        }
      }),
      { numRuns: cases(1_000) },
    );
  });

  it('may have groups, as the second version has', () => {
    expect(byUs('message A { required group G = 1 { optional int32 x = 2; } repeated group H = 3 [deprecated = true] { } optional int32 y = 4; }')).toEqual({
      A: [{ name: 'G', number: 1, type: 'group', repeated: false }, { name: 'H', number: 3, type: 'group', repeated: true }, { name: 'y', number: 4, type: 'int32', repeated: false }],
      'A.G': [{ name: 'x', number: 2, type: 'int32', repeated: false }],
      'A.H': [],
    });
  });
});
