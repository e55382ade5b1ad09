import { startRegistryServer } from '@weir/registry-server';
import type { RegistryServer } from '@weir/registry-server';
import { int, nullable, record, string } from '@weir/schema';
import type { RecordSchema } from '@weir/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codecSettings, readingCodec, writingCodec } from './codec-settings.ts';
import type { CodecSettings } from './codec-settings.ts';
import { group } from './fields.ts';
import { readSettings } from './read-settings.ts';

const Order = record('Order', { id: int(), note: nullable(string()) });
const app = { usage: 'npm run app --', about: 'An app.', schema: group(codecSettings) };
let server: RegistryServer;
let warnings: string[] = [];
beforeAll(async () => {
  server = await startRegistryServer();
});
afterAll(() => server.close());
beforeEach(() => {
  warnings = [];
});

const reading = (settings: CodecSettings, topic = 'orders') => readingCodec(settings, { topic, schema: Order, warn: (message) => warnings.push(message) });
const writing = (settings: CodecSettings, schema: RecordSchema<never> = Order as never, topic = 'orders') => writingCodec(settings, { topic, schema });

describe('the format of the events', () => {
  it('is JSON when nothing is said, and what is said else', async () => {
    expect(readSettings(app, { argv: [], environment: {} })).toEqual({ codec: 'json' });
    for (const codec of ['json', 'avro', 'protobuf', 'csv'] as const) {
      expect((await reading({ codec })).describe).toBe(`${codec} Order`);
      expect((await writing({ codec })).describe).toBe(`${codec} Order`);
    }
  });

  it('comes with a registry, whose password is not shown', () => {
    const environment = { WEIR_CODEC: 'avro', WEIR_REGISTRY_URL: 'http://ann:hidden@registry:8081', WEIR_REGISTRY_PASSWORD: 'env:SECRET', SECRET: 'silent' };
    expect(readSettings(app, { argv: [], environment })).toEqual({ codec: 'avro', registry: { url: 'http://ann:hidden@registry:8081', password: 'silent' } });
    const said: string[] = [];
    readSettings(app, { argv: ['--print-config'], environment, say: (text) => said.push(text) });
    expect(said.join()).not.toMatch(/hidden|silent/);
  });

  it.each(['json', 'csv'] as const)('has no use for a registry when it is %s, and says so', async (codec) => {
    const settings = { codec, registry: { url: server.url } };
    await expect(reading(settings)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    await expect(writing(settings)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  });

  it('says what is wrong with the address', async () => {
    await expect(reading({ codec: 'avro', registry: { url: 'http://:x' } })).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  });

  it.each(['avro', 'protobuf'] as const)('is checked before anything is read or written: %s', async (codec) => {
    const settings = { codec, registry: { url: server.url } };
    const topic = `${codec}-orders`;
    await reading(settings, topic);
    expect(warnings).toEqual([`Subject ${topic}-value has no versions: nothing could be checked.`]);
    const bytes = (await writing(settings, undefined, topic)).encode({ id: 1, note: null } as never);
    expect([...bytes.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    warnings = [];
    expect((await reading(settings, topic)).describe).toBe(`${codec} Order, by registry`);
    expect(warnings).toEqual([]);
    await writing(settings, record('Order', { id: int() }) as never, topic);
    const Other = record('Order', { id: string() });
    await expect(readingCodec(settings, { topic, schema: Other, warn: () => undefined })).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
    await expect(readingCodec({ ...settings, codec: codec === 'avro' ? 'protobuf' : 'avro' }, { topic, schema: Order, warn: () => undefined })).rejects.toMatchObject({ code: 'SCHEMA_TYPE' });
  });

  it('that the rule of the subject forbids is not written', async () => {
    const settings = { codec: 'avro' as const, registry: { url: server.url } };
    await writing(settings, undefined, 'kept');
    await expect(writing(settings, record('Order', { other: int() }) as never, 'kept')).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' });
  });
});
