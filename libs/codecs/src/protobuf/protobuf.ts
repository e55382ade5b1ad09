import type { Codec, DecoderOptions } from '@weir/connector-api';
import type { RecordSchema } from '@weir/schema';
import { ColumnDecoder } from '../column-decoder.ts';
import { protobufEncoder } from './protobuf-encoder.ts';
import { boundFields } from './protobuf-field.ts';
import type { ProtobufBinding } from './protobuf-field.ts';
import { ProtobufReader } from './protobuf-reader.ts';

export interface ProtobufOptions {
  /** By field its number, or how it is written. Default: numbers from 1 in the order of the schema. */
  readonly fields?: Readonly<Record<string, ProtobufBinding | number>>;
  /**
   * Given when each value begins with the id of a schema and the place of its message (Confluent's wire format): what `encode` writes
   * there, for the first message of the schema. What is read may have any.
   */
  readonly schemaId?: number;
}

/**
 * One message of Protocol Buffers for each record. Fields that are not bound are passed over; one that is not there is null, or the
 * default of its type where it may not be null. Throws PROTOBUF_BINDING.
 */
export function protobuf<T>(schema: RecordSchema<T>, { fields, schemaId }: ProtobufOptions = {}): Codec<T> {
  const bound = boundFields(schema, fields);
  const frame = schemaId === undefined ? Buffer.alloc(0) : Buffer.from([0, schemaId >>> 24, schemaId >>> 16, schemaId >>> 8, schemaId, 0]);
  return Object.freeze({
    describe: `protobuf ${schema.name}`,
    decoder: (options: DecoderOptions = {}) => new ColumnDecoder<T>(schema, options, (all, columns, fetch) => new ProtobufReader(bound, all, columns, fetch, schemaId !== undefined)),
    encode: protobufEncoder(schema, bound, frame),
  });
}
