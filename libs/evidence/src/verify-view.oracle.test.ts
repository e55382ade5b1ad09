import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from '@weir/codecs';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { bestSellers, revenueByCountry, shoppingSessions } from '@weir/pipelines';
import type { Order } from '@weir/pipelines';
import { RecordBatchBuilder } from '@weir/record-batch';
import { Task, TrackWriter, replay } from '@weir/runtime';
import type { Range, SourceBinding, TrackedStep } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { referenceViews } from '@weir/views';
import { afterEach, describe, expect, it } from 'vitest';
import { CollectSink } from './collect-sink.ts';
import type { ResultRow } from './result-row.ts';
import { verifyView } from './verify-view.ts';
import type { VerifyViewOptions } from './verify-view.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BATCH_RECORDS = 5;

const opened: { root: string; close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const { root, close } of opened.splice(0)) {
    await close();
    rmSync(root, { recursive: true, force: true });
  }
});

/** Numbers in [0, 1) that a seed determines. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A day of orders in order of arrival; one in twenty comes hours late. */
function orders(seed: number, count: number): readonly { readonly order: Order; readonly arrival: number }[] {
  const draw = random(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!;
  return Array.from({ length: count }, (_, line) => {
    const placedAt = Math.floor(draw() * 24 * 60) * MINUTE;
    const delay = draw() < 0.05 ? HOUR + Math.floor(draw() * 4) * HOUR : draw() < 0.2 ? Math.floor(draw() * 4) * MINUTE : 0;
    const order = { invoice: `${Math.floor(draw() * 60)}`, line, product: pick(['a', 'b', 'c', 'd']), description: null, units: Math.floor(draw() * 9) - 1, cents: Math.floor(draw() * 900), placedAt, customer: pick(['1', '2', '3', null]), country: pick(['France', 'Norway']) };
    return { order, arrival: placedAt + delay };
  }).sort((a, b) => a.arrival - b.arrival || a.order.line - b.order.line);
}

/** Orders in a log, run by a live schedule of the seed with its track, and replayed perfectly up to `share` of each partition. */
async function bothLayers(topology: Topology, seed: number, share: number): Promise<VerifyViewOptions> {
  const root = mkdtempSync(join(tmpdir(), 'weir-evidence-'));
  const log = await openEmbeddedLog(join(root, 'log'));
  opened.push({ root, close: () => log.close() });
  await log.ensureTopic('orders', { partitions: 2 });
  const codec = json(topology.sources['orders']!);
  const writer = await log.writer();
  const builders = [new RecordBatchBuilder(), new RecordBatchBuilder()];
  for (const { order, arrival } of orders(seed, 400)) {
    const partition = order.line % 2;
    builders[partition]!.append(arrival, null, codec.encode(order));
    if (builders[partition]!.count === BATCH_RECORDS) await writer.append([{ topic: 'orders', partition, batch: builders[partition]!.build() }]);
  }
  const reader = await log.reader('orders');
  const sources = { orders: { reader, codec } };
  const speed = await runLive(topology, sources, join(root, 'track-0.bin'), random(seed + 1));
  const ends = await Promise.all([0, 1].map(async (partition) => (await reader.offsets(partition)).highWatermark));
  const to = ends.map((end) => Math.floor((end * share) / BATCH_RECORDS) * BATCH_RECORDS);
  const range: Range = { orders: to.map((end) => ({ from: 0, to: end })) };
  const batch = new CollectSink();
  const view = referenceViews.find(({ pipeline }) => pipeline === topology.name)!;
  const { frontier } = await replay({ topology, sources, sinks: { [view.sink]: batch, late: new CollectSink() }, range });
  return {
    view,
    topology,
    sources,
    tracks: { tracks: () => [0], trackPath: () => join(root, 'track-0.bin') },
    run: { from: [0, 0], to, frontier },
    served: { speed: speed.rows(), batch: batch.rows() },
  };
}

async function runLive(topology: Topology, sources: Readonly<Record<string, SourceBinding>>, trackPath: string, draw: () => number): Promise<CollectSink> {
  const { reader, codec } = sources['orders']!;
  const view = referenceViews.find(({ pipeline }) => pipeline === topology.name)!;
  const results = new CollectSink();
  const task = new Task({ topology, partitions: { orders: 2 }, outputs: { [view.sink]: results, late: new CollectSink() }, decoders: { orders: codec.decoder() } });
  const track = new TrackWriter(trackPath, ['orders']);
  let now = 0;
  for (let done = 0; done < 2; ) {
    done = 0;
    for (const partition of [0, 1]) {
      const from = task.position('orders', partition);
      const { bytes, highWatermark } = await reader.read(partition, from, 1);
      if (bytes.length === 0) {
        done++;
        continue;
      }
      if (draw() < 0.3) continue;
      const step: TrackedStep = { kind: 'records', source: 'orders', partition, from, to: Math.min(highWatermark, from + BATCH_RECORDS) };
      track.append(step);
      task.records('orders', partition, step.from, step.to, bytes);
    }
    now += 4_000;
    track.append({ kind: 'tick', now });
    task.onTick(now);
  }
  track.sync();
  track.close();
  return results;
}

describe.each([revenueByCountry, bestSellers, shoppingSessions] as readonly Topology[])('verify of $name', (topology) => {
  it.each([1, 2, 3, 4, 5])('explains every difference of a live run, seed %i', async (seed) => {
    const found = await verifyView(await bothLayers(topology, seed, 1));
    expect(found.causes.UNKNOWN, JSON.stringify(found.differences.filter(({ cause }) => cause === 'UNKNOWN'))).toBe(0);
    expect(found.equal).toBeGreaterThan(0);
    expect(found.equal + found.differences.length).toBe(found.rowsCompared);
  });

  it('finds late rows to be the cause of some', async () => {
    const dropped = [];
    for (const seed of [1, 2, 3, 4, 5, 6]) dropped.push((await verifyView(await bothLayers(topology, seed, 1))).causes.LATE_DROPPED);
    expect(Math.max(...dropped)).toBeGreaterThan(0);
  });

  it('explains rows behind the end of the replay', async () => {
    const found = await verifyView(await bothLayers(topology, 3, 0.7));
    expect(found.causes.UNKNOWN, JSON.stringify(found.differences.filter(({ cause }) => cause === 'UNKNOWN'))).toBe(0);
  });

  it('calls a number unknown that a layer made up, and one that it lost', async () => {
    const options = await bothLayers(topology, 2, 1);
    const wrong = (rows: readonly ResultRow[]): readonly ResultRow[] => {
      const [first, ...rest] = rows.filter(({ end }) => end <= options.run.frontier);
      return [{ ...first!, data: { ...first!.data, cents: -1, top: [] } }, ...rest];
    };
    const { speed, batch } = options.served;
    const lost = speed.filter(({ end }) => end <= options.run.frontier).slice(1);
    expect((await verifyView({ ...options, served: { speed: wrong(speed), batch } })).causes.UNKNOWN).toBeGreaterThan(0);
    expect((await verifyView({ ...options, served: { speed, batch: wrong(batch) } })).causes.UNKNOWN).toBeGreaterThan(0);
    expect((await verifyView({ ...options, served: { speed: lost, batch } })).causes.UNKNOWN).toBeGreaterThan(0);
    // Both layers wrong in the same way: they agree, but not with the track.
    expect((await verifyView({ ...options, served: { speed: wrong(speed), batch: wrong(batch) } })).causes.UNKNOWN).toBeGreaterThan(0);
  });
});
