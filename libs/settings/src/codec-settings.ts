import { avro, avroSchema, checkAvroSubject, checkProtobufSubject, csv, json, protobuf, protobufSchema } from '@weir/codecs';
import type { Codec, RegisteredSchema } from '@weir/connector-api';
import type { SchemaRegistry } from '@weir/connector-schema-registry';
import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import type { Static } from 'typebox';
import { choice, group, optional, secret, text, url } from './fields.ts';

/** In which format events are in the log, and where its schemas are: settings of every program that reads or writes them. */
export const codecSettings = {
  codec: choice(['json', 'avro', 'protobuf', 'csv'], { default: 'json', about: 'the format of the events in the log' }),
  registry: optional(
    group({
      url: url(['http', 'https'], { about: 'a schema registry (Confluent\u2019s REST interface): each value then begins with the id of its schema; for avro and protobuf' }),
      username: optional(text({ placeholder: 'NAME', about: 'who asks it' })),
      password: optional(secret({ about: 'and the proof' })),
    }),
  ),
};

const schema = group(codecSettings);

/** What chooses a codec. */
export type CodecSettings = Static<typeof schema>;

/**
 * The codec by which a program reads the events of a topic. With a registry every version of the subject `<topic>-value` is compared
 * first: throws SCHEMA_MISMATCH or SCHEMA_TYPE when one cannot be read, and what the registry throws; `warn` hears what will have to be rejected.
 * Throws SETTING_INVALID for a registry that the format has no use for.
 */
export async function readingCodec<T>(settings: CodecSettings, { topic, schema: rows, warn }: { readonly topic: string; readonly schema: RecordSchema<T>; readonly warn: (message: string) => void }): Promise<Codec<T>> {
  const registry = await registryOf(settings);
  if (registry === undefined) return plainCodec(settings, rows);
  const check = { registry, subject: subjectOf(topic), schema: rows };
  const isAvro = settings.codec === 'avro';
  for (const message of await (isAvro ? checkAvroSubject(check) : checkProtobufSubject(check))) warn(message);
  return isAvro ? avro(rows, { registry }) : protobuf(rows, { registry });
}

/**
 * The codec by which a program writes the events of a topic. With a registry the schema of the rows is registered first, or found: throws
 * SCHEMA_INCOMPATIBLE when the rule of the subject forbids it, and what the registry throws. Throws SETTING_INVALID as `readingCodec` does.
 */
export async function writingCodec<T>(settings: CodecSettings, { topic, schema: rows }: { readonly topic: string; readonly schema: RecordSchema<T> }): Promise<Codec<T>> {
  const registry = await registryOf(settings);
  if (registry === undefined) return plainCodec(settings, rows);
  const isAvro = settings.codec === 'avro';
  const written = isAvro ? { schema: JSON.stringify(avroSchema(rows)), type: 'AVRO' } : { schema: protobufSchema(rows), type: 'PROTOBUF' };
  const registered: RegisteredSchema = await registry.register(subjectOf(topic), written);
  return isAvro ? avro(rows, { registry, registered }) : protobuf(rows, { registry, registered });
}

/** Without a registry all values are written by the schema of the rows. */
function plainCodec<T>({ codec }: CodecSettings, rows: RecordSchema<T>): Codec<T> {
  switch (codec) {
    case 'json':
      return json(rows);
    case 'avro':
      return avro(rows);
    case 'protobuf':
      return protobuf(rows);
    case 'csv':
      return csv(rows);
  }
}

/** The subject of the values of a topic (Confluent's TopicNameStrategy). */
function subjectOf(topic: string): string {
  return `${topic}-value`;
}

async function registryOf({ codec, registry }: CodecSettings): Promise<SchemaRegistry | undefined> {
  if (registry === undefined) return undefined;
  if (codec !== 'avro' && codec !== 'protobuf') {
    throw new WeirError('SETTING_INVALID', `The setting 'registry.url' is of no use when 'codec' is ${codec}.`, { remedy: 'Leave it out, or say avro or protobuf.' });
  }
  const { username, password } = registry;
  if (!URL.canParse(registry.url)) throw new WeirError('SETTING_INVALID', "The setting 'registry.url' is no URL.", { remedy: 'Give one such as http://registry:8081.' });
  const at = new URL(registry.url);
  if (username !== undefined) at.username = encodeURIComponent(username);
  if (password !== undefined) at.password = encodeURIComponent(password);
  // Only the client that is used is loaded.
  const { SchemaRegistry: Client } = await import('@weir/connector-schema-registry');
  return new Client({ url: at.href });
}
