import type { Codec, DecoderOptions, RegisteredSchema, SchemaSource } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { ColumnDecoder } from '../column-decoder.ts';
import type { ReaderFactory, ValueReader } from '../column-decoder.ts';
import { FRAME_BYTES, RegisteredSchemas } from '../registered-schemas.ts';
import { avroEncoder } from './avro-encoder.ts';
import { planOf } from './avro-plan.ts';
import type { AvroPlan } from './avro-plan.ts';
import { AvroRecordReader } from './avro-record-reader.ts';
import { avroSchema } from './avro-schema-of.ts';
import { parseAvroSchema } from './avro-schema-parser.ts';
import { badSchema } from './avro-type.ts';
import type { AvroRecordType, AvroSchema, AvroType } from './avro-type.ts';

export interface AvroOptions {
  /** The one schema of all values, which then have no id in front; default `avroSchema(schema)`. */
  readonly writer?: AvroSchema;
  /** The schema to read by, with defaults, aliases and nested types; without it each field takes the written field of its name. */
  readonly reader?: AvroSchema;
}

export interface RegistryAvroOptions {
  /** Finds the schema of each value by the id in front of it (Confluent's wire format). */
  readonly registry: SchemaSource;
  /** What `encode` writes, with its id; without it the codec only reads. */
  readonly registered?: RegisteredSchema;
  readonly reader?: AvroSchema;
}

/**
 * Records in Avro's binary encoding, without a container. With a registry each value says by which schema it was written; without, all
 * were written by one. Throws AVRO_SCHEMA for a schema that is none, or by which the fields cannot be read at all.
 */
export function avro<T>(schema: RecordSchema<T>, options: AvroOptions | RegistryAvroOptions = {}): Codec<T> {
  const reader = options.reader === undefined ? undefined : recordOf(parseAvroSchema(options.reader));
  return Object.freeze('registry' in options ? framed(schema, options, reader) : bare(schema, options.writer ?? avroSchema(schema), reader));
}

function bare<T>(schema: RecordSchema<T>, written: AvroSchema, reader: AvroRecordType | undefined): Codec<T> {
  const writer = parseAvroSchema(written);
  let encode: ((row: T) => Uint8Array) | undefined;
  return {
    describe: `avro ${schema.name}`,
    decoder(options: DecoderOptions = {}) {
      return new ColumnDecoder<T>(schema, options, (_, columns, fetch) => {
        const plan = planOf(writer, reader, schema, columns);
        if ('problem' in plan) throw badSchema(plan.problem);
        const records = new AvroRecordReader(fetch);
        return { read: (start, end, row) => records.read(plan, start, end, row) };
      });
    },
    encode: (row) => (encode ??= avroEncoder(schema, writer))(row),
  };
}

function framed<T>(schema: RecordSchema<T>, { registry, registered }: RegistryAvroOptions, reader: AvroRecordType | undefined): Codec<T> {
  const encode = registered === undefined ? undefined : avroEncoder(schema, parseAvroSchema(registered.schema, registered.references), registered.id);
  const factory: ReaderFactory = (_, columns, fetch): ValueReader => {
    const schemas = new RegisteredSchemas<AvroPlan>(registry, { type: 'AVRO', compile: (written) => planOf(parseAvroSchema(written.schema, written.references), reader, schema, columns) });
    const records = new AvroRecordReader(fetch);
    return {
      prepare: (starts, ends, count) => schemas.prepare(fetch.bytes, starts, ends, count),
      read(start, end, row) {
        const plan = schemas.of(fetch.bytes, start, end);
        return 'trouble' in plan ? plan.trouble : records.read(plan, start + FRAME_BYTES, end, row);
      },
    };
  };
  return {
    describe: `avro ${schema.name}, by registry`,
    decoder: (options: DecoderOptions = {}) => new ColumnDecoder<T>(schema, options, factory),
    encode(row) {
      if (encode !== undefined) return encode(row);
      throw new WeirError('SCHEMA_UNREGISTERED', `The codec of ${schema.name} was not told what to write.`, { remedy: 'Register the schema, and give what the registry answers as `registered`.' });
    },
  };
}

function recordOf(type: AvroType): AvroRecordType {
  if (type.kind === 'record') return type;
  throw badSchema(`rows are read by a record, not by a ${type.kind}`);
}
