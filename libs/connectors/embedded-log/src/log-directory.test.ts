import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WeirError } from '@weir/model';
import { batchOf, readAll } from '@weir/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedLog } from './index.ts';

let parent: string;
let directory: string;
let data: string;
let marker: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'weir-log-'));
  directory = join(parent, 'deep', 'log');
  data = join(directory, 'data.mdb');
  marker = join(directory, 'embedded-log.json');
});
afterEach(() => rmSync(parent, { recursive: true }));

async function fill(batches = 3, bytes = 9_000): Promise<void> {
  const log = await openEmbeddedLog(directory);
  await log.ensureTopic('topic', { partitions: 1 });
  const writer = await log.writer();
  for (let i = 0; i < batches; i++) await writer.append([{ topic: 'topic', partition: 0, batch: batchOf([i, i], ['x'.repeat(bytes), 'y']) }]);
  await log.close();
}

async function contents(): Promise<number> {
  const log = await openEmbeddedLog(directory);
  try {
    return (await readAll(await log.reader('topic'), 0)).length;
  } finally {
    await log.close();
  }
}

/** The code of what opening and reading throws; every file of the directory must be as it was. */
async function refusal(work: () => Promise<unknown> = contents): Promise<string> {
  const files = (): readonly string[] => (statSync(directory).isDirectory() ? readdirSync(directory).map((name) => readFileSync(join(directory, name)).toString('base64')) : []);
  const before = files();
  try {
    await work();
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(WeirError);
    expect((error as WeirError).message).toContain(parent);
    expect(files()).toEqual(before);
    return (error as WeirError).code;
  }
}

function overwrite(at: number, bytes: Uint8Array): void {
  const file = openSync(data, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

describe('the directory of a log', () => {
  it('is made, and found again', async () => {
    await fill();
    expect(await contents()).toBe(6);
    expect(JSON.parse(readFileSync(marker, 'utf8'))).toEqual({ format: 'weir-embedded-log', version: 1, initialized: true });
    expect(readdirSync(directory).sort()).toEqual(['data.mdb', 'embedded-log.json', 'lock.mdb']);
  });

  it('that holds something else is left alone', async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'thesis.txt'), 'years of work');
    expect(await refusal()).toBe('LOG_DIRECTORY_FOREIGN');
    expect(readdirSync(directory)).toEqual(['thesis.txt']);
    writeFileSync(marker, '{"format":"something else","version":1}');
    expect(await refusal()).toBe('LOG_DIRECTORY_FOREIGN');
  });

  it('that is a file is left alone', async () => {
    mkdirSync(join(parent, 'deep'));
    writeFileSync(directory, 'text');
    expect(await refusal()).toBe('LOG_DIRECTORY_FOREIGN');
    directory = join(directory, 'inside');
    await expect(contents()).rejects.toMatchObject({ code: 'LOG_DIRECTORY_UNUSABLE' });
  });

  it('of a newer version is left alone', async () => {
    await fill();
    writeFileSync(marker, JSON.stringify({ format: 'weir-embedded-log', version: 2, initialized: true, more: 'things' }));
    expect(await refusal()).toBe('LOG_VERSION_NEWER');
  });

  it.each(['', '{', 'null', '[]', '{"format":"weir-embedded-log"}', '{"format":"weir-embedded-log","version":"1"}'])('with the marker %j is refused', async (text) => {
    await fill();
    writeFileSync(marker, text);
    expect(['LOG_DAMAGED', 'LOG_DIRECTORY_FOREIGN']).toContain(await refusal());
  });

  it('whose making was broken off is made anew, and what another has begun is no stranger', async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${marker}.12345`, '{"for');
    await fill();
    expect(await contents()).toBe(6);
    rmSync(parent, { recursive: true });
    mkdirSync(directory, { recursive: true });
    writeFileSync(marker, JSON.stringify({ format: 'weir-embedded-log', version: 1, initialized: false }));
    await fill();
    expect(await contents()).toBe(6);
  });
});

describe('a damaged log is refused and left as it is', () => {
  beforeEach(() => fill(40));

  it('without its database', async () => {
    rmSync(data);
    await expect(contents()).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect(existsSync(data)).toBe(false);
  });

  it('cut anywhere', async () => {
    const { size } = statSync(data);
    for (const part of [0.99, 0.7, 0.4, 0.1]) {
      truncateSync(data, Math.floor(size * part));
      expect(await refusal(), `at ${part}`).toBe('LOG_DAMAGED');
    }
    truncateSync(data, 100);
    expect(await refusal()).toBe('LOG_DAMAGED');
  });

  it('cut by a few pages, of a batch or of the tree', async () => {
    await fill(1, 300_000);
    const whole = readFileSync(data);
    const outcomes = new Set<unknown>();
    for (let pages = 1; pages <= 12; pages++) {
      writeFileSync(data, whole.subarray(0, whole.length - pages * 4_096));
      outcomes.add(await contents().catch((error: unknown) => (error instanceof WeirError ? error.code : error)));
    }
    expect([...outcomes].filter((outcome) => outcome !== 82)).toEqual(['LOG_DAMAGED']);
  });

  it('with other bytes at its head', async () => {
    overwrite(0, Buffer.from('PK\u0003\u0004'.repeat(50)));
    expect(await refusal()).toBe('LOG_DAMAGED');
  });

  it('page by page: garbage is refused or touches nothing that counts', async () => {
    const whole = readFileSync(data);
    const page = 4_096;
    let refused = 0;
    for (let at = 0; at < whole.length; at += page) {
      writeFileSync(data, whole);
      overwrite(at, Buffer.alloc(page, 0xa5));
      const outcome = await contents().catch((error: unknown) => (error instanceof WeirError ? error.code : error));
      if (outcome !== 80) expect(outcome, `page ${at / page}`).toBe('LOG_DAMAGED');
      if (outcome !== 80) refused++;
    }
    expect(refused).toBeGreaterThan(40 * 3); // each batch has three pages
  });

  it('with one flipped bit in a batch', async () => {
    const whole = readFileSync(data);
    const at = whole.indexOf('xxxxxxxx');
    overwrite(at + 4_000, Buffer.from('X'));
    await expect(contents()).rejects.toMatchObject({ code: 'LOG_DAMAGED', message: expect.stringContaining('topic/0@') as string });
  });
});

describe('a full disk', () => {
  const full = { keepFreeBytes: 2 ** 60 };

  it('takes no new log, and one when there is room again', async () => {
    await expect(openEmbeddedLog(directory, full)).rejects.toMatchObject({ code: 'LOG_DISK_FULL', retryable: true });
    await fill();
    expect(await contents()).toBe(6);
  });

  it('takes no appends and no topics, and gives what is there', async () => {
    await fill();
    const log = await openEmbeddedLog(directory, full);
    await log.ensureTopic('topic', { partitions: 1 });
    await expect(log.ensureTopic('other', { partitions: 1 })).rejects.toMatchObject({ code: 'LOG_DISK_FULL' });
    await expect((await log.writer()).append([{ topic: 'topic', partition: 0, batch: batchOf([1]) }])).rejects.toMatchObject({ code: 'LOG_DISK_FULL' });
    expect((await readAll(await log.reader('topic'), 0)).length).toBe(6);
    await log.close();
    await fill();
    expect(await contents()).toBe(12);
  });
});

describe('a log that was closed', () => {
  it('says so, after it has written what waited', async () => {
    await fill(1);
    const log = await openEmbeddedLog(directory);
    const [writer, reader] = [await log.writer(), await log.reader('topic')];
    const waiting = writer.append([{ topic: 'topic', partition: 0, batch: batchOf([1]) }]);
    await log.close();
    expect(await waiting).toEqual([2]);
    await log.close();
    for (const use of [reader.read(0, 0, 1), writer.append([]), log.topics(), log.ensureTopic('a', { partitions: 1 })]) await expect(use).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    expect(await contents()).toBe(3);
  });

  it('leaves another opening of the same process as it is', async () => {
    await fill(1);
    const [one, two] = [await openEmbeddedLog(directory), await openEmbeddedLog(directory)];
    await one.close();
    expect(await (await two.writer()).append([{ topic: 'topic', partition: 0, batch: batchOf([1]) }])).toEqual([2]);
    await two.close();
  });
});
