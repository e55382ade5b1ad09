import { DELETE, EARLY, INSERT, RowBatch } from '@weir/model';
import type { Batch, Key } from '@weir/model';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClickHouse } from './clickhouse.ts';
import type { Column } from './column.ts';
import { StartedEngine } from './started-engine.ts';
import { ViewSink } from './view-sink.ts';
import type { ViewSinkOptions } from './view-sink.ts';

/** One firing, as a test writes it down. */
interface Firing {
  readonly key: Key;
  readonly start: number;
  readonly end?: number;
  readonly index: number;
  readonly cents: number;
  readonly deleted?: boolean;
}

const WINDOW = 10;
let engine: StartedEngine;
let clickhouse: ClickHouse;
let tables = 0;
let table: string;

beforeAll(async () => {
  engine = await StartedEngine.start();
  clickhouse = new ClickHouse({ url: engine.url });
});

afterAll(async () => {
  await clickhouse.close();
  expect(await engine.stop()).toBe(0);
});

beforeEach(freshTable);

async function freshTable(): Promise<void> {
  table = `totals_${++tables}`;
  await clickhouse.command(
    `CREATE TABLE ${table} (result_key String, window_start Int64, window_end Int64, cents Int64, version UInt64, is_deleted UInt8)
     ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY (window_end, result_key, window_start)`,
  );
}

function batch(firings: readonly Firing[]): Batch {
  return new RowBatch(
    firings.map(({ cents }) => ({ cents })),
    {
      timestamps: Float64Array.from(firings, ({ start }) => start),
      results: {
        step: 'totals',
        keys: firings.map(({ key }) => key),
        starts: Float64Array.from(firings, ({ start }) => start),
        ends: Float64Array.from(firings, ({ start, end }) => end ?? start + WINDOW),
        timings: Uint8Array.from(firings, () => EARLY),
        indexes: Int32Array.from(firings, ({ index }) => index),
        lasts: Uint8Array.from(firings, () => 0),
      },
      changes: Uint8Array.from(firings, ({ deleted }) => (deleted === true ? DELETE : INSERT)),
    },
  );
}

const columns: readonly Column[] = [
  { name: 'result_key', type: 'String' },
  ...['window_start', 'window_end', 'cents'].map((name) => ({ name, type: 'Int64' })),
  { name: 'version', type: 'UInt64' },
  { name: 'is_deleted', type: 'UInt8' },
];

function row(rows: Batch, position: number, taskEpoch: number, _: number, values: unknown[]): void {
  const { keys, starts, ends, indexes } = rows.results!;
  values.splice(
    0,
    values.length,
    `${typeof keys[position]}:${keys[position]}`,
    starts[position],
    ends[position],
    (rows.at(position) as { cents: number }).cents,
    taskEpoch * 2 ** 32 + indexes[position]!,
    rows.changes?.[position] === DELETE ? 1 : 0,
  );
}

/** What was sent, read by a reader that knows these columns only. */
function sentRows(parts: readonly Uint8Array[]): { cents: number; version: number }[] {
  const bytes = Buffer.concat(parts.slice(1));
  const rows: { cents: number; version: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    at += 1 + bytes[at]! + 16; // the keys are shorter than 128 bytes
    rows.push({ cents: Number(bytes.readBigInt64LE(at)), version: Number(bytes.readBigUInt64LE(at + 8)) });
    at += 17;
  }
  return rows;
}

async function sinkOf(taskEpoch: number, into: Pick<ClickHouse, 'insertBinary'> = clickhouse, told: Pick<ViewSinkOptions, 'onSending' | 'onSent'> = {}): Promise<ViewSink> {
  const sink = new ViewSink({ clickhouse: into, table, columns, row, ...told });
  await sink.open({ pipeline: 'p', sink: 's', taskEpoch });
  return sink;
}

async function served(): Promise<unknown[]> {
  return [...(await clickhouse.query(`SELECT result_key AS k, window_start AS s, cents AS c FROM ${table} FINAL ORDER BY k, s`))];
}

const firing = (key: Key, index: number, cents: number, deleted = false): Firing => ({ key, start: 0, index, cents, deleted });

describe('ViewSink', () => {
  it('makes all that was written durable, once, however often it is written', async () => {
    const sink = await sinkOf(1);
    for (let time = 0; time < 2; time++) {
      sink.write(batch([firing('a', 0, 1), firing('b', 0, 2)]), 0);
      sink.write(batch([{ ...firing('a', 0, 3), start: 10 }]), 0);
      expect(sink.pending).toBe(3);
      await sink.flush();
      expect(sink.pending).toBe(0);
      expect(await served()).toEqual([{ k: 'string:a', s: 0, c: 1 }, { k: 'string:a', s: 10, c: 3 }, { k: 'string:b', s: 0, c: 2 }]);
    }
  });

  it('sends the newest of the firings that wait together', async () => {
    const inserted: unknown[] = [];
    const sink = await sinkOf(1, { insertBinary: async (...[, , , parts]) => void inserted.push(...sentRows(parts)) });
    sink.write(batch([firing('a', 0, 1), firing('a', 1, 2), firing('a', 2, 3), firing('a', 1, 4)]), 0);
    expect(sink.pending).toBe(1);
    await sink.flush();
    expect(inserted).toEqual([{ cents: 3, version: 2 ** 32 + 2 }]);
  });

  it('writes the rows that are in the batch, and no others', async () => {
    const sink = await sinkOf(1);
    sink.write(batch([firing('a', 0, 1), firing('b', 0, 2), firing('c', 0, 3)]).select(Int32Array.of(2, 0), 2), 0);
    await sink.flush();
    expect(await served()).toEqual([{ k: 'string:a', s: 0, c: 1 }, { k: 'string:c', s: 0, c: 3 }]);
  });

  it('tells texts from numbers, and keys from windows', async () => {
    const sink = await sinkOf(1);
    sink.write(batch([firing(1, 0, 1), firing('1', 0, 2), firing('0 10 $a', 0, 3), firing('a', 0, 4), firing('#1', 0, 5), firing('', 0, 6), { ...firing('a', 0, 7), end: 11 }]), 0);
    expect(sink.pending).toBe(7);
    await sink.flush();
    expect(await served()).toHaveLength(7);
  });

  it('withdraws a result, and may bring it back', async () => {
    const sink = await sinkOf(1);
    sink.write(batch([firing('a', 0, 1)]), 0);
    await sink.flush();
    sink.write(batch([firing('a', 1, 1, true)]), 0);
    await sink.flush();
    expect(await served()).toEqual([]);
    sink.write(batch([firing('a', 2, 7)]), 0);
    await sink.flush();
    expect(await served()).toEqual([{ k: 'string:a', s: 0, c: 7 }]);
  });

  it('keeps what could not be sent, under what came since', async () => {
    let fails = true;
    const sink = await sinkOf(1, {
      insertBinary: async (...insert) => {
        if (!fails) return clickhouse.insertBinary(...insert);
        sink.write(batch([firing('a', 1, 3)]), 0);
        throw new Error('no');
      },
    });
    sink.write(batch([firing('a', 0, 1), firing('b', 0, 2)]), 0);
    await expect(sink.flush()).rejects.toThrow('no');
    expect(sink.pending).toBe(2);
    fails = false;
    await sink.flush();
    expect(await served()).toEqual([{ k: 'string:a', s: 0, c: 3 }, { k: 'string:b', s: 0, c: 2 }]);
  });

  it('never runs two flushes at once, and each covers what was written before it', async () => {
    let running = 0;
    let most = 0;
    const sent: number[] = [];
    const sink = await sinkOf(1, {
      insertBinary: async (...[, , , parts]) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        sent.push(...sentRows(parts).map(({ cents }) => cents));
        running--;
      },
    });
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        sink.write(batch([firing(`key ${i}`, 0, i)]), 0);
        await sink.flush();
        expect(sent).toContain(i);
      }),
    );
    expect([most, sent.length]).toEqual([1, 20]);
  });

  it('carries texts as they are, half characters excepted', async () => {
    const sink = await sinkOf(1);
    const hostile = [`'; DROP TABLE ${table}; --`, '\\', '\0', '\n\n', '"', '{}', '😀', '\u2028', '\x7f', '0 10 $'];
    sink.write(batch([...hostile.map((key) => firing(key, 0, 1)), firing('half \ud83d', 0, 1)]), 0);
    await sink.flush();
    const keys = (await served()).map((found) => (found as { k: string }).k);
    expect(new Set(keys)).toEqual(new Set([...hostile, 'half \ufffd'].map((key) => `string:${key}`)));
  });
});

describe('what a ViewSink tells', () => {
  /** What was told and inserted, in order: rows by their cents, or that rows were sent. */
  const happened: string[] = [];
  beforeEach(() => void (happened.length = 0));

  const telling = (answers: boolean): Pick<ViewSinkOptions, 'onSending' | 'onSent'> => ({
    onSending: (rows) => {
      happened.push(`sending ${rows.map((values) => String(values[3])).join(' ')}`);
      return answers;
    },
    onSent: () => void happened.push('sent'),
  });
  const inserting: Pick<ClickHouse, 'insertBinary'> = { insertBinary: async (...[, , , parts]) => void happened.push(`inserted ${sentRows(parts).length}`) };
  const many = (count: number): Firing[] => Array.from({ length: count }, (_, i) => firing(`key ${i}`, 0, i));

  it('is few rows as they are sent, the newest of each result, and nothing of them afterwards', async () => {
    const sink = await sinkOf(1, inserting, telling(true));
    sink.write(batch([firing('a', 0, 1), firing('b', 0, 2), firing('a', 1, 3)]), 0);
    await sink.flush();
    sink.write(batch(many(64)), 0);
    await sink.flush();
    expect(happened).toEqual(['sending 3 2', 'inserted 2', expect.stringMatching(/^sending 0 1 .* 63$/), 'inserted 64']);
  });

  it('is that there are others when the table has them: many rows, or what is not told', async () => {
    const sink = await sinkOf(1, inserting, telling(false));
    sink.write(batch(many(65)), 0);
    await sink.flush();
    sink.write(batch(many(1)), 0);
    await sink.flush();
    expect(happened).toEqual(['inserted 65', 'sent', 'sending 0', 'inserted 1', 'sent']);
  });

  it('is not rows that could not be sent before, but that they are there at last', async () => {
    let fails = true;
    const sink = await sinkOf(
      1,
      {
        insertBinary: async (...insert) => {
          if (fails) throw new Error('no');
          await inserting.insertBinary(...insert);
        },
      },
      telling(true),
    );
    sink.write(batch([firing('a', 0, 1)]), 0);
    await expect(sink.flush()).rejects.toThrow('no');
    fails = false;
    sink.write(batch([firing('b', 0, 2)]), 0);
    await sink.flush();
    sink.write(batch([firing('c', 0, 3)]), 0);
    await sink.flush();
    expect(happened).toEqual(['sending 1', 'inserted 2', 'sent', 'sending 3', 'inserted 1']);
  });
});

describe('what the table serves', () => {
  const anyFiring = fc.record({ key: fc.constantFrom<Key>('a', 'b', 1), start: fc.constantFrom(0, 10), index: fc.integer({ min: 0, max: 4 }), deleted: fc.boolean() });
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ epoch: fc.integer({ min: 1, max: 3 }), firings: fc.array(anyFiring, { maxLength: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ flush: fc.integer({ min: 1, max: 3 }) }) },
  );

  it('is the newest version of each result, in whatever order three owners of the task write, flush and repeat', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await freshTable();
        const sinks = await Promise.all([1, 2, 3].map((epoch) => sinkOf(epoch)));
        const newest = new Map<string, { version: number; row: unknown; deleted: boolean }>();
        for (const taken of steps) {
          if ('flush' in taken) {
            await sinks[taken.flush - 1]!.flush();
            continue;
          }
          // An owner that repeats a firing repeats its value: the value follows from what identifies the firing.
          const firings = taken.firings.map((one) => ({ ...one, deleted: one.deleted && one.index % 2 === 1, cents: taken.epoch * 100 + one.index }));
          sinks[taken.epoch - 1]!.write(batch(firings), 0);
          for (const { key, start, index, cents, deleted: wanted } of firings) {
            const id = `${typeof key}:${key} ${start}`;
            const version = taken.epoch * 2 ** 32 + index;
            if ((newest.get(id)?.version ?? -1) > version) continue;
            newest.set(id, { version, deleted: wanted, row: { k: `${typeof key}:${key}`, s: start, c: cents } });
          }
        }
        // The outlived owners come last.
        for (const sink of sinks.reverse()) await sink.flush();
        const expected = [...newest.entries()].filter(([, { deleted: gone }]) => !gone).map(([, { row: kept }]) => kept);
        const found = await served();
        expect(found).toHaveLength(expected.length);
        expect(found).toEqual(expect.arrayContaining(expected));
      }),
      { numRuns: Math.min(200, Number(process.env['WEIR_RUNS'] ?? 20)) },
    );
  });
});

describe('kill -9 of the engine during inserts', () => {
  it('loses nothing that was flushed, and doubles nothing', async () => {
    // On a busy machine it takes a while to be back.
    const patient = new ClickHouse({ url: engine.url, tries: 60 });
    const sink = await sinkOf(1, patient);
    const expected = new Map<string, number>();
    let killing = true;
    const killer = (async () => {
      for (let time = 0; time < 3; time++) {
        await new Promise((resolve) => setTimeout(resolve, 50 + 130 * time));
        await engine.kill();
        await engine.restart();
      }
      killing = false;
    })();
    for (let round = 0; killing || round < 10; round++) {
      const firings = Array.from({ length: 2_000 }, (_, i) => firing(`key ${(round * 997 + i) % 5_000}`, round, round));
      for (const { key, cents } of firings) expected.set(`string:${key}`, cents);
      sink.write(batch(firings), 0);
      await sink.flush();
    }
    await killer;
    await patient.close();
    const found = new Map((await served()).map((one) => [(one as { k: string }).k, (one as { c: number }).c]));
    expect(found).toEqual(expected);
  }, 60_000);
});
