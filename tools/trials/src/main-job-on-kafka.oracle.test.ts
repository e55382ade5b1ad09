import { join } from 'node:path';
import { json } from '@weir/codecs';
import type { Log, Sink } from '@weir/connector-api';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { openKafkaLog } from '@weir/connector-kafka';
import { canonicalData, resultId } from '@weir/evidence';
import { whyNoBroker } from '@weir/kafka-broker';
import type { Batch } from '@weir/model';
import { referencePipelines } from '@weir/pipelines';
import { replayTogether } from '@weir/runtime';
import { layerQuery, referenceViews, servedRow } from '@weir/views';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealParts, caughtUp, endsOf } from './index.ts';

const why = await whyNoBroker();
const LINES = 40_000;
const MINUTE = 60_000;

interface Verified {
  readonly view: string;
  readonly rowsCompared: number;
  readonly equal: number;
  readonly causes: Readonly<Record<string, number>>;
}

/** Keeps results by identity, as a view does. */
class Results implements Sink {
  readonly pending = 0;
  readonly rows = new Map<string, string>();

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(batch: Batch): void {
    const { results } = batch;
    if (results === undefined) return;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      this.rows.set(resultId({ key: results.keys[position]!, start: results.starts[position]!, end: results.ends[position]! }), canonicalData({ ...(batch.at(position) as object) }));
    }
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What a replay of the embedded log gives, in this process: no broker, no engine, no second program. */
async function embeddedNumbers(log: Log): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const reader = await log.reader('orders');
  const pipelines = referencePipelines.map((topology) => ({ topology, sinks: Object.fromEntries(Object.keys(topology.sinks).map((name) => [name, new Results()])) }));
  const ends = await endsOf(log, 'orders');
  await replayTogether({ pipelines, sources: { orders: { reader, codec: json(referencePipelines[0]!.sources.orders) } }, range: { orders: ends.map((to) => ({ from: 0, to })) } });
  return new Map(referenceViews.map((view) => [view.name, pipelines.find(({ topology }) => topology.name === view.pipeline)!.sinks[view.sink]!.rows]));
}

describe.skipIf(why !== undefined)(`the main job on Kafka${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let parts: RealParts;
  let verified: readonly Verified[];

  beforeAll(async () => {
    parts = await RealParts.start();
    await parts.run('generator', 'load', '--lines', String(LINES / 2)).finished();
    const first = parts.run('speed', '--owner', 'one', '--checkpoint-seconds', '1');
    await first.told('ready');
    // More comes while it runs; it is killed on its way, and the second goes on from what it left.
    const load = parts.run('generator', 'load', '--lines', String(LINES));
    await load.finished();
    await first.kill();
    const since = Date.now();
    const second = parts.run('speed', '--owner', 'one');
    const embedded = parts.run('generator', 'load', '--lines', String(LINES), '--log', 'embedded');
    const log = await openKafkaLog({ brokers: [parts.broker.bootstrap] });
    const ends = await endsOf(log, 'orders');
    await log.close();
    await Promise.race([caughtUp(parts.catalog, ends, referencePipelines.length, since), second.finished()]);
    await embedded.finished();
    await parts.run('reprocessor').finished();
    verified = await parts.run('cli', 'verify').told<readonly Verified[]>('verified');
    expect(await second.stop()).toEqual({ code: 0, signal: null });
  }, 4 * MINUTE);
  afterAll(() => parts?.stop(), MINUTE);

  it('explains every difference between the layers', () => {
    expect(verified.map(({ view, causes }) => [view, causes['UNKNOWN']])).toEqual(referenceViews.map(({ name }) => [name, 0]));
    expect(verified.every(({ rowsCompared }) => rowsCompared > 100)).toBe(true);
    // The disorder makes some rows too late for the speed layer; if none were, nothing would have been proven.
    expect(verified.some(({ causes }) => causes['LATE_DROPPED']! > 0)).toBe(true);
  });

  it('publishes the numbers of the embedded log, to the cent', async () => {
    const log = await openEmbeddedLog(join(parts.root, 'data', 'log'));
    const expected = await embeddedNumbers(log);
    await log.close();
    for (const view of referenceViews) {
      const { runId } = (await parts.catalog.ownership(view.name))!;
      const { sql, params } = layerQuery(view, { layer: 'batch', runId }, Number.POSITIVE_INFINITY);
      const rows = (await parts.clickhouse.query(sql, params)).map((raw) => servedRow(view, raw));
      expect(new Map(rows.map((row) => [resultId(row), canonicalData(row.data)]))).toEqual(expected.get(view.name));
    }
  }, MINUTE);

  it('books every line in both layers once', async () => {
    for (const job of (await parts.catalog.jobs()).filter(({ layer }) => layer === 'speed')) {
      const { records, counted, late, filtered, deadLettered } = job.books;
      expect([records, counted + late + filtered + deadLettered]).toEqual([LINES, LINES]);
    }
    for (const run of await parts.catalog.runs(10)) expect([run.state, run.books?.records]).toEqual(['published', LINES]);
  });

  it('has nothing to load twice, and a load that has nothing to do ends', async () => {
    const log = await openKafkaLog({ brokers: [parts.broker.bootstrap] });
    const before = await endsOf(log, 'orders');
    await parts.run('generator', 'load', '--lines', String(LINES)).finished();
    expect(await endsOf(log, 'orders')).toEqual(before);
    await log.close();
  }, MINUTE);
});
