import { createHash } from 'node:crypto';
import type { Batch } from '@weir/model';
import type { Topology } from '@weir/topology';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointStore } from './checkpoint-store.ts';
import { describe as describeTopology } from '@weir/topology';
import { World, runToEnd } from './fixtures/live-shop.ts';
import { HOUR, appendRaw, appendSales, hourly, learned, sale, saleCodec, sessions, sliding } from './fixtures/small-shop.ts';
import type { Sale } from './fixtures/small-shop.ts';
import { Table, TableSink } from './fixtures/table-sink.ts';
import { replayTrack } from './replay-track.ts';
import { readTrack } from './track.ts';
import type { TrackedStep } from './track.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 40) };
const T0 = Date.UTC(2024, 0, 1);

const aSale: fc.Arbitrary<Sale> = fc.record({
  shop: fc.constantFrom('north', 'south'),
  cents: fc.integer({ min: 0, max: 9 }),
  soldAt: fc.integer({ min: 0, max: 50 }).map((steps) => T0 + steps * 300_000),
  note: fc.constant(null),
});
/** Partition 1 is unavailable from one read to another. */
const outages = fc.record({ from: fc.nat(12), reads: fc.integer({ min: 1, max: 6 }) });
const batches = fc.array(fc.record({ partition: fc.nat(1), sales: fc.array(aSale, { minLength: 1, maxLength: 4 }) }), { maxLength: 16 });

/** Takes down every row that it is given, with all that a sink may look at. */
class Transcript extends TableSink {
  readonly #hash = createHash('sha256');

  constructor() {
    super(new Table());
  }

  override write(batch: Batch): void {
    const { results, origin, length } = batch;
    for (let i = 0; i < length; i++) {
      const position = batch.rows[i]!;
      const place = results === undefined ? `${origin!.partition}@${origin!.offsets[position]}` : `${results.keys[position]} ${results.starts[position]} ${results.ends[position]} ${results.timings[position]} ${results.indexes[position]} ${results.lasts[position]} ${batch.changes?.[position]}`;
      this.#hash.update(`${place} ${JSON.stringify({ ...(batch.at(position) as object) })}\n`);
    }
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

function stepsOf(world: World, topology: Topology): readonly TrackedStep[] {
  const directory = `/jobs/${topology.name}`;
  const store = new CheckpointStore(directory, { pipeline: '', topology: '', codeVersion: '' }, () => undefined, world.files);
  return store.tracks().flatMap((epoch) => [...readTrack(store.trackPath(epoch), ['sales'], world.files)]);
}

describe.each([hourly, sliding, sessions, learned])('the track of $name', (topology) => {
  it('replayed gives what the live run gave, byte for byte: rows in their order, and state', async () => {
    await fc.assert(
      fc.asyncProperty(batches, outages, async (sold, outage) => {
        const world = new World([topology], 2);
        for (const { partition, sales } of sold) appendSales(world.log, 'sales', partition, sales);
        appendRaw(world.log, 'sales', 0, ['x'], T0);
        let reads = 0;
        world.log.beforeCall = (call) => {
          if (call === 'read') reads++;
          if (reads === outage.from) world.log.unavailable.add(1);
          if (reads >= outage.from + outage.reads) world.log.unavailable.clear();
        };
        const { job, sinks } = await world.attempt({ stepBytes: 1, turnMilliseconds: 0 });
        const live = new Transcript();
        sinks[0]!.write = (batch) => live.write(batch);
        await runToEnd(job, [topology]);
        world.log.beforeCall = () => undefined;
        world.log.unavailable.clear();

        const recorded = new Transcript();
        const { books, task } = await replayTrack({
          topology,
          sources: { sales: { reader: await world.log.reader('sales'), codec: saleCodec } },
          sinks: { turnover: recorded, late: new Transcript() },
          steps: stepsOf(world, topology),
        });
        expect(books).toEqual(job.state(topology.name).books);
        expect(recorded.digest()).toBe(live.digest());
        const store = new CheckpointStore(`/jobs/${topology.name}`, { pipeline: topology.name, topology: describeTopology(topology), codeVersion: 'test' }, () => undefined, world.files);
        expect(new Uint8Array(task.snapshot())).toEqual(new Uint8Array(store.newest()!.state));
      }),
      RUNS,
    );
  });
});

describe('a listener', () => {
  it('hears of every row that a window refused, by its place in the log', async () => {
    const world = new World([hourly], 1);
    appendSales(world.log, 'sales', 0, [sale('north', T0)]);
    appendSales(world.log, 'sales', 0, [sale('north', T0 + 3 * HOUR)]);
    appendSales(world.log, 'sales', 0, [sale('south', T0 + 1), sale('south', T0 + 3 * HOUR)]);
    await world.runToEnd({ stepBytes: 1 });
    const heard: string[] = [];
    await replayTrack({
      topology: hourly,
      sources: { sales: { reader: await world.log.reader('sales'), codec: saleCodec } },
      sinks: { turnover: new Transcript(), late: new Transcript() },
      steps: stepsOf(world, hourly),
      listener: { rejected: (step, { origin }, position, key, start, end) => void heard.push(`${step} ${origin!.source}/${origin!.partition}@${origin!.offsets[position]} ${key} ${start} ${end}`) },
    });
    expect(heard).toEqual([`hourly sales/0@2 south ${T0} ${T0 + HOUR}`]);
  });
});
