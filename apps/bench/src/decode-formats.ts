import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { avro, avroSchema, csv, protobuf, protobufSchema } from '@weir/codecs';
import type { Codec, RegisteredSchema } from '@weir/connector-api';
import { RecordWalker } from '@weir/record-batch';
import avsc from 'avsc';
import type { Schema } from 'avsc';
import { parse } from 'csv-parse/sync';
import { byCodec } from './by-codec.ts';
import { Bid, encodedBids } from './decode-data.ts';
import type { Batches } from './decode-data.ts';
import type { Contender, Contenders, MakeContender } from './measure-decoding.ts';

interface Format {
  readonly title: string;
  readonly batches: Batches;
  readonly contenders: Contenders;
}

type Fields = readonly string[];
const ALL: Fields = Bid.fields.map(({ name }) => name);

/** Each format with its own library first: an object for each record, as that library makes it. */
export function formats(records: number, projection: Fields): readonly Format[] {
  const schema = avroSchema(Bid);
  const registered: RegisteredSchema = { id: 1, type: 'AVRO', schema: JSON.stringify(schema), references: [] };
  const message: RegisteredSchema = { id: 2, type: 'PROTOBUF', schema: protobufSchema(Bid), references: [] };
  const framed = avro(Bid, { registry: { schemaById: async () => Promise.resolve(registered) }, registered });
  return [
    beside('avro', records, avro(Bid), projection, [['avsc', byAvsc(ALL)], [`avsc, resolved to ${projection.length} fields`, byAvsc(projection)]]),
    beside('avro, by registry', records, framed, projection, []),
    beside('protobuf', records, protobuf(Bid), projection, [['bufbuild', byBufbuild]]),
    beside('protobuf, by registry', records, protobuf(Bid, { registry: { schemaById: async () => Promise.resolve(message) }, registered: message }), projection, []),
    beside('csv', records, csv(Bid), projection, [['csv-parse, 1,000 rows a call', byCsvParse]]),
  ];
}

function beside(title: string, records: number, codec: Codec<Bid>, projection: Fields, libraries: Contenders): Format {
  const ours: Contenders = [
    [`weir, ${projection.length} of 8 fields`, byCodec(codec, projection, false)],
    [`weir, ${projection.length} of 8 fields, one text read`, byCodec(codec, projection, true)],
    ['weir, all 8 fields', byCodec(codec, ALL, false)],
  ];
  return { title, batches: encodedBids(records, codec.encode), contenders: [...libraries, ...ours] };
}

/** Calls for the bytes of each value. */
function eachValue(read: (value: Buffer) => number): Contender {
  const walker = new RecordWalker();
  return (bytes) => {
    walker.walk(bytes, 0, Number.MAX_SAFE_INTEGER);
    let sum = 0;
    for (let i = 0; i < walker.count; i++) sum += read(Buffer.from(bytes.buffer, bytes.byteOffset + walker.valueStarts[i]!, walker.valueEnds[i]! - walker.valueStarts[i]!));
    return sum;
  };
}

function byAvsc(fields: Fields): MakeContender {
  const writer = avsc.Type.forSchema(avroSchema(Bid) as Schema);
  if (fields === ALL) return () => eachValue((value) => (writer.fromBuffer(value) as Bid).price);
  const { fields: all, ...rest } = avroSchema(Bid) as { readonly fields: readonly { readonly name: string }[] };
  const reader = avsc.Type.forSchema({ ...rest, fields: all.filter(({ name }) => fields.includes(name)) } as unknown as Schema);
  const resolver = reader.createResolver(writer);
  return () => eachValue((value) => (reader.fromBuffer(value, resolver) as Bid).price);
}

function byBufbuild(): Contender {
  const file = create(FileDescriptorProtoSchema, {
    name: 'bid.proto',
    syntax: 'proto3',
    messageType: [{ name: 'Bid', field: Bid.fields.map(({ name, type }, index) => ({ name, number: index + 1, label: FieldDescriptorProto_Label.OPTIONAL, type: type === 'string' ? FieldDescriptorProto_Type.STRING : FieldDescriptorProto_Type.INT64 })) }],
  });
  const message = createFileRegistry(file, () => undefined).getMessage('Bid')!;
  // A view of its own: of a Buffer it would read past the value.
  return eachValue((value) => Number((fromBinary(message, new Uint8Array(value.buffer, value.byteOffset, value.length)) as unknown as { readonly price: bigint }).price));
}

function byCsvParse(): Contender {
  const walker = new RecordWalker();
  return (bytes) => {
    walker.walk(bytes, 0, Number.MAX_SAFE_INTEGER);
    const rows: Buffer[] = [];
    for (let i = 0; i < walker.count; i++) rows.push(Buffer.from(bytes.subarray(walker.valueStarts[i], walker.valueEnds[i])), LINE_FEED);
    const parsed: readonly Readonly<Record<string, string>>[] = parse(Buffer.concat(rows), { columns: [...ALL] });
    return parsed.reduce((sum, { price }) => sum + Number(price), 0);
  };
}

const LINE_FEED = Buffer.from('\n');
