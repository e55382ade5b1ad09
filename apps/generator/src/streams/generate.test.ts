import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { readAll } from '@weir/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { DISORDERS } from './arrivals.ts';
import { generate } from './generate.ts';
import { STREAMS } from './registry.ts';

const directory = mkdtempSync(join(tmpdir(), 'weir-generate-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function said(...argv: string[]): Promise<string> {
  const lines: string[] = [];
  await generate(argv, (line) => lines.push(line));
  return lines.join('\n');
}

const expected = STREAMS['payments']!({ seed: 5, events: 3_000 }, DISORDERS.harsh);
const payments = ['payments', '--seed', '5', '--events', '3000', '--disorder', 'harsh'];

describe('generate', () => {
  it('writes a file in the order of arrival, and the truth beside it', async () => {
    const path = join(directory, 'payments.jsonl');
    expect(await said(...payments, '--out', path)).toContain('records of payments, seed 5, disorder harsh');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { topic: string; arrival: number; value: object });
    expect(lines.map(({ arrival }) => arrival)).toEqual(lines.map(({ arrival }) => arrival).sort((a, b) => a - b));
    expect(lines.filter(({ topic }) => topic === 'payments').map(({ value }) => value)).toEqual(expected.topics['payments']!.map(({ row }) => row));
    expect(JSON.parse(readFileSync(`${path}.truth.json`, 'utf8'))).toEqual(expected.truth);
  });

  it('writes to a log, each partition in the order of arrival, and not twice', async () => {
    const data = join(directory, 'data');
    await said(...payments, '--data', data);
    const log = await openEmbeddedLog(join(data, 'log'));
    try {
      for (const [topic, rows] of Object.entries(expected.topics)) {
        const reader = await log.reader(topic);
        for (let partition = 0; partition < reader.partitions; partition++) {
          const values = (await readAll(reader, partition)).map(({ value }) => JSON.parse(value!) as object);
          expect(values).toEqual(rows.filter((each) => each.partition === partition).map(({ row }) => row));
        }
        await reader.close();
      }
    } finally {
      await log.close();
    }
    await expect(said(...payments, '--data', data)).rejects.toMatchObject({ code: 'GENERATOR_LOG_NOT_EMPTY' });
  });

  it('helps', async () => {
    expect(await said('--help')).toContain('payments, charges, clicks, readings, trades, customers');
  });

  it.each([
    ['GENERATOR_COMMAND', []],
    ['GENERATOR_COMMAND', ['nothing', '--out', 'x']],
    ['SETTING_MISSING', ['clicks']],
    ['SETTING_INVALID', ['clicks', '--out', 'x', '--events', '0']],
    ['SETTING_INVALID', ['clicks', '--out', 'x', '--disorder', 'wild']],
    ['SETTING_UNKNOWN', ['clicks', '--what']],
  ])('refuses with %s %j', async (code, argv) => {
    await expect(said(...argv)).rejects.toMatchObject({ code });
  });
});
