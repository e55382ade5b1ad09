import type { Codec, DecoderOptions, RegisteredSchema, SchemaSource } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { ColumnDecoder } from '../column-decoder.ts';
import { protobufEncoder } from './protobuf-encoder.ts';
import { boundFields } from './protobuf-field.ts';
import type { ProtobufBinding } from './protobuf-field.ts';
import { RegistryFrames, anyFrame } from './protobuf-frames.ts';
import type { Frames } from './protobuf-frames.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** By field its number, or how it is written. Default: numbers from 1 in the order of the schema. */
export type ProtobufFields = Readonly<Record<string, ProtobufBinding | number>>;

/** How messages without a registry are written. */
export interface ProtobufOptions {
  readonly fields?: ProtobufFields;
  /**
   * Given when each value begins with the id of a schema and the place of its message (Confluent's wire format): what `encode` writes
   * there, for the first message of the schema. What is read may have any.
   */
  readonly schemaId?: number;
}

/** How messages are written whose schemas a registry has. */
export interface RegistryProtobufOptions {
  readonly fields?: ProtobufFields;
  /** Finds the schema of each value by the id in front of it (Confluent's wire format); values of one that does not fit are refused. */
  readonly registry: SchemaSource;
  /** What `encode` writes the id of, for its first message; without it the codec only reads. */
  readonly registered?: RegisteredSchema;
}

/**
 * One message of Protocol Buffers for each record. Fields that are not bound are passed over; one that is not there is null, or the
 * default of its type where it may not be null. Throws PROTOBUF_BINDING.
 */
export function protobuf<T>(schema: RecordSchema<T>, options: ProtobufOptions | RegistryProtobufOptions = {}): Codec<T> {
  const bound = boundFields(schema, options.fields);
  const registry = 'registry' in options ? options.registry : undefined;
  const id = 'registry' in options ? options.registered?.id : options.schemaId;
  const frames = (isRead: readonly boolean[]): Frames | undefined => (registry !== undefined ? new RegistryFrames(registry, bound.filter((_, place) => isRead[place])) : id === undefined ? undefined : anyFrame);
  return Object.freeze({
    describe: `protobuf ${schema.name}${registry === undefined ? '' : ', by registry'}`,
    decoder: (wanted: DecoderOptions = {}) =>
      new ColumnDecoder<T>(schema, wanted, (all, columns, fetch) => new ProtobufReader(bound, all, columns, fetch, frames(columns.map((column) => column !== undefined)))),
    encode: registry !== undefined && id === undefined ? () => unregistered(schema) : protobufEncoder(schema, bound, frameOf(id)),
  });
}

function frameOf(id: number | undefined): Uint8Array {
  return id === undefined ? new Uint8Array(0) : Uint8Array.of(0, id >>> 24, id >>> 16, id >>> 8, id, 0);
}

function unregistered({ name }: RecordSchema): never {
  throw new WeirError('SCHEMA_UNREGISTERED', `The codec of ${name} was not told what to write.`, { remedy: 'Register the schema, and give what the registry answers as `registered`.' });
}
