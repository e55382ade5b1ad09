import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { choice, decimalNumber, flag, group, list, logSettings, openLog, optional, readSettings, storeSettings, text, textLike, wholeNumber } from './index.ts';
import type { SettingsInput } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'weir-settings-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const app = {
  usage: 'demo',
  about: 'Shows settings.',
  schema: group({
    ...logSettings,
    ...storeSettings,
    rate: wholeNumber({ default: 500, minimum: 1, maximum: 1000, about: 'lines a second' }),
    share: optional(decimalNumber({ minimum: 0, maximum: 1, about: 'of the processor' })),
    names: list({ words: ['a', 'b'], default: ['a'], about: 'which' }),
    mode: choice(['fast', 'safe'], { default: 'safe', about: 'how' }),
    from: optional(textLike('^\\d+$', 'digits', { about: 'where' })),
    loud: flag({ about: 'say more' }),
    label: optional(text({ about: 'a name' })),
  }),
};
const stores = { WEIR_CLICKHOUSE_URL: 'http://127.0.0.1:1', WEIR_POSTGRES_URL: 'postgres://u:pw@127.0.0.1/db' };

function read(argv: readonly string[], environment: SettingsInput['environment'] = stores) {
  return readSettings(app, { argv, environment, say: () => undefined });
}

function said(argv: readonly string[], environment: SettingsInput['environment'] = stores): string {
  const lines: string[] = [];
  expect(readSettings(app, { argv, environment, say: (line) => lines.push(line) })).toBeUndefined();
  return lines.join('\n');
}

function file(content: unknown): string {
  const path = join(directory, `${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('settings', () => {
  it('have defaults, and groups that nobody named are not there', () => {
    expect(read([])).toEqual({ log: 'embedded', clickhouse: stores.WEIR_CLICKHOUSE_URL, clickhouseDatabase: 'weir', postgres: stores.WEIR_POSTGRES_URL, rate: 500, names: ['a'], mode: 'safe', loud: false });
  });

  it('come from the file, before it the environment, before it the command line', () => {
    const config = file({ rate: 1, mode: 'fast', label: 'file', kafka: { brokers: ['a:1'] } });
    expect(read(['--config', config])).toMatchObject({ rate: 1, mode: 'fast', label: 'file', kafka: { brokers: ['a:1'] } });
    expect(read(['--config', config], { ...stores, WEIR_RATE: '2', WEIR_MODE: '' })).toMatchObject({ rate: 2, mode: 'fast' });
    expect(read(['--config', config, '--rate', '3', '--kafka-brokers=b:2, c:3'], { ...stores, WEIR_RATE: '2' })).toMatchObject({ rate: 3, kafka: { brokers: ['b:2', 'c:3'] } });
    expect(read([], { ...stores, WEIR_CONFIG: config })).toMatchObject({ rate: 1 });
  });

  it('are true and false in every spelling', () => {
    expect(read(['--loud'])).toMatchObject({ loud: true });
    expect(read(['--no-loud'], { ...stores, WEIR_LOUD: 'true' })).toMatchObject({ loud: false });
    expect(read([], { ...stores, WEIR_LOUD: '1' })).toMatchObject({ loud: true });
  });

  it('that are not given are named with the ways to give them', () => {
    expect(() => read([], {})).toThrow(/SETTING_MISSING.*'clickhouse' is not given.*--clickhouse URL, set WEIR_CLICKHOUSE_URL, or write "clickhouse"/s);
    expect(() => read(['--kafka-sasl-username', 'me', '--kafka-brokers', 'a:1'])).toThrow(/SETTING_MISSING.*kafka\.sasl\.password.*WEIR_KAFKA_SASL_PASSWORD/s);
    expect(() => read(['--label='])).toThrow(/SETTING_MISSING.*label/);
  });

  it.each([
    [['--rate', 'fast'], /'rate' \(--rate\) is 'fast', which is not a whole number from 1 to 1000/],
    [['--rate', '1001'], /1001/],
    [['--rate', '1.5'], /whole number/],
    [['--share', '2'], /a number from 0 to 1/],
    [['--names', 'a,c'], /a list of a, b/],
    [['--mode', 'slow'], /one of fast, safe/],
    [['--from', 'x'], /digits/],
    [['--kafka-brokers', 'nowhere'], /host:port/],
    [['--clickhouse', 'ftp://x'], /http/],
    [['--loud=maybe'], /true or false/],
  ])('refuse %j', (argv, message) => {
    expect(() => read(argv)).toThrow(/SETTING_INVALID/);
    expect(() => read(argv)).toThrow(message);
  });

  it('that nobody knows are refused, with the one that was meant', () => {
    expect(() => read(['--rat', '1'])).toThrow(/SETTING_UNKNOWN.*--rat .*Did you mean --rate\?/s);
    expect(() => read(['stray'])).toThrow(/SETTING_UNKNOWN.*'stray'/s);
    expect(() => read(['--config', file({ kafka: { broker: ['a:1'] } })])).toThrow(/SETTING_UNKNOWN.*kafka\.broker.*"kafka\.brokers"/s);
  });

  it('of a file that is none are refused', () => {
    expect(() => read(['--config', file('{')])).toThrow(/SETTING_INVALID.*is not JSON/s);
    expect(() => read(['--config', file('[1]')])).toThrow(/SETTING_INVALID.*no JSON object/s);
    expect(() => read(['--config', file({ kafka: 1 })])).toThrow(/SETTING_INVALID.*"kafka"/s);
    expect(() => read(['--config', join(directory, 'gone.json')])).toThrow(/SETTING_INVALID.*cannot be read/s);
    expect(() => read(['--config', file({ rate: '7' })])).not.toThrow();
    expect(() => read(['--config', file({ rate: null })])).toThrow(/SETTING_INVALID.*null/s);
  });
});

describe('secrets', () => {
  const kafka = ['--kafka-brokers', 'a:1', '--kafka-sasl-username', 'me'];

  it('are read from where they refer to', () => {
    expect(read([...kafka, '--kafka-sasl-password', `file:${file('hunter2\n')}`])?.kafka?.sasl).toEqual({ mechanism: 'SCRAM-SHA-512', username: 'me', password: 'hunter2' });
    expect(read([...kafka, '--kafka-sasl-password', 'env:PASS'], { ...stores, PASS: 'hunter3' })?.kafka?.sasl?.password).toBe('hunter3');
    expect(read(['--postgres', 'env:PG'], { ...stores, PG: 'postgres://x@y/z' })?.postgres).toBe('postgres://x@y/z');
  });

  it('in plain text, of a file that is gone or of no form are refused without being shown', () => {
    for (const [argv, environment] of [
      [[...kafka, '--kafka-sasl-password', 'hunter2'], stores],
      [[...kafka, '--kafka-sasl-password', `file:${join(directory, 'gone')}`], stores],
      [[...kafka, '--kafka-sasl-password', 'env:NOWHERE'], stores],
      [['--postgres', 'env:PG'], { ...stores, PG: 'hunter2' }],
    ] as const) {
      expect(() => read(argv, environment)).toThrow(/SETTING_INVALID/);
      expect(() => read(argv, environment)).not.toThrow(/hunter2/);
    }
  });

  it('are not printed', () => {
    const path = file('hunter2');
    const printed = said([...kafka, '--kafka-sasl-password', `file:${path}`, '--clickhouse', 'http://u:hunter2@h:1/?password=hunter2', '--print-config']);
    expect(printed).not.toContain('hunter2');
    expect(JSON.parse(printed)).toMatchObject({ kafka: { sasl: { password: `file:${path}` } }, clickhouse: 'http://u:***@h:1/?password=***', postgres: 'postgres://u:***@127.0.0.1/db', rate: 500 });
  });

  it('are checked before anything is printed', () => {
    expect(() => said([...kafka, '--kafka-sasl-password', 'env:NOWHERE', '--print-config'])).toThrow(/SETTING_INVALID/);
  });
});

describe('--help', () => {
  it('names every setting with its default and its variable', () => {
    const help = said(['--help'], {});
    for (const part of ['Shows settings.', '--kafka-sasl-password file:PATH|env:NAME', 'WEIR_KAFKA_SASL_PASSWORD', '--rate N', 'default 500', '--loud ', 'WEIR_CLICKHOUSE_URL', '--print-config']) expect(help).toContain(part);
  });
});

describe('the chosen log', () => {
  it('is opened in the data directory', async () => {
    const log = await openLog({ log: 'embedded', data: join(directory, 'data') }, 'test', () => undefined);
    await log.ensureTopic('orders', { partitions: 2 });
    expect(await log.topics()).toEqual([{ topic: 'orders', partitions: 2 }]);
    await log.close();
  });

  it('needs to know where it is', async () => {
    await expect(openLog({ log: 'embedded' }, 'test', () => undefined)).rejects.toThrow(/SETTING_MISSING.*'data'.*WEIR_DATA/s);
    await expect(openLog({ log: 'kafka' }, 'test', () => undefined)).rejects.toThrow(/SETTING_MISSING.*'kafka.brokers'.*WEIR_KAFKA_BROKERS/s);
    await expect(openLog({ log: 'kafka', kafka: { compression: 'none', brokers: ['127.0.0.1:1'], tls: { enabled: true, ca: join(directory, 'gone.pem') } } }, 'test', () => undefined)).rejects.toThrow(/SETTING_INVALID.*kafka.tls.ca/s);
  });
});
