import { json } from '@weir/codecs';
import type { Batch } from '@weir/model';
import { MAX_WATERMARK } from '@weir/model';
import { NexmarkAuction, NexmarkBid, NexmarkPerson, NexmarkSide, nexmarkQueries } from '@weir/pipelines';
import { RecordBatchBuilder } from '@weir/record-batch';
import { Task } from '@weir/runtime';
import type { RecordSchema } from '@weir/schema';
import { projection } from '@weir/topology';
import type { Topology } from '@weir/topology';
import { benchOptions } from '../bench-options.ts';
import { NexmarkGenerator } from './generator.ts';
import { SIDE } from './logged-events.ts';
import type { NexmarkSource } from './logged-events.ts';

const USAGE = `npm run bench:nexmark -- [options] [query…]

Runs each query of Nexmark, or those that are named (q5, q12), in one thread from JSON record batches to rows at the sink.

  --events N   events in each run, default 500000
  --runs N     runs of each; the median counts, default 3
  --help       this text`;

const { counts: { events: EVENTS, runs: RUNS }, names: ONLY } = benchOptions(USAGE, { events: 500_000, runs: 3 });
const RECORDS_OF_BATCH = 1_000;
const SECOND = 1_000;

const SCHEMAS: Readonly<Record<NexmarkSource, RecordSchema>> = { persons: NexmarkPerson, auctions: NexmarkAuction, bids: NexmarkBid, side: NexmarkSide };
const SOURCES = Object.keys(SCHEMAS) as NexmarkSource[];

/** Record batches of one source in the order of the stream. */
interface Fetched {
  readonly source: NexmarkSource;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** 10,000 events a second of event time, in order: JSON in record batches of each source. */
function fetched(): readonly Fetched[] {
  const generator = new NexmarkGenerator({ seed: 42, baseTime: Date.UTC(2026, 0, 1), rate: 10_000, outOfOrderGroup: 1 });
  const encoder = new TextEncoder();
  const builders = Object.fromEntries(SOURCES.map((source) => [source, new RecordBatchBuilder(1 << 20)])) as Record<NexmarkSource, RecordBatchBuilder>;
  const offsets = { persons: 0, auctions: 0, bids: 0, side: 0 };
  const made: Fetched[] = [];
  const cut = (source: NexmarkSource): void => {
    const { count } = builders[source];
    if (count === 0) return;
    made.push({ source, bytes: builders[source].build(), from: offsets[source], to: offsets[source] + count });
    offsets[source] += count;
  };
  for (const row of SIDE) builders.side.append(row.dateTime, null, encoder.encode(JSON.stringify(row)));
  cut('side');
  for (let number = 0; number < EVENTS; number++) {
    const { source, row } = generator.event(number);
    builders[source].append(row.dateTime, null, encoder.encode(JSON.stringify(row)));
    // All sources together, so that none is far behind the others.
    if ((number + 1) % RECORDS_OF_BATCH === 0) SOURCES.forEach(cut);
  }
  SOURCES.forEach(cut);
  return made;
}

/** Runs a query from the bytes to its sink, with generated watermarks; answers CPU seconds and how many rows came out. */
function measured(topology: Topology, batches: readonly Fetched[]): { readonly cpuSeconds: number; readonly rows: number } {
  const sources = Object.keys(topology.sources) as NexmarkSource[];
  let rows = 0;
  const task = new Task({
    topology,
    partitions: Object.fromEntries(sources.map((source) => [source, 1])),
    decoders: Object.fromEntries(
      sources.map((source) => {
        const fields = projection(topology, source);
        return [source, json(SCHEMAS[source]).decoder(fields === undefined ? {} : { projection: fields })];
      }),
    ),
    outputs: { results: { write: (batch: Batch) => (rows += copied(batch).length) } },
  });
  const before = process.cpuUsage();
  let now = 0;
  for (const { source, bytes, to } of batches) {
    if (!sources.includes(source)) continue;
    task.records(source, 0, 0, Number.MAX_SAFE_INTEGER, bytes);
    task.seek(source, 0, to);
    // The table of q13 is all there.
    if (source === 'side') task.onWatermark(source, MAX_WATERMARK);
    if (source === 'bids') task.onTick((now += SECOND / 10));
  }
  for (const source of sources) task.onWatermark(source, MAX_WATERMARK);
  const used = process.cpuUsage(before);
  return { cpuSeconds: (used.user + used.system) / 1e6, rows };
}

/** The rows as objects, which is what a sink that keeps them makes; without it nobody would decode what a query passes on. */
function copied(batch: Batch): readonly object[] {
  return Array.from({ length: batch.length }, (_, i) => ({ ...(batch.at(batch.rows[i]!) as object) }));
}

const batches = fetched();
const bytes = batches.reduce((sum, each) => sum + each.bytes.length, 0);
console.log(`${EVENTS.toLocaleString('en')} events, ${(bytes / 1e6).toFixed(0)} MB of JSON; one thread, from record batches to rows at the sink; medians of ${RUNS} runs after one to warm up`);
for (const [name, topology] of Object.entries<Topology>(nexmarkQueries)) {
  if (ONLY.length > 0 && !ONLY.includes(name)) continue;
  const runs = Array.from({ length: RUNS + 1 }, () => measured(topology, batches)).slice(1);
  const seconds = runs.map((run) => run.cpuSeconds).sort((a, b) => a - b)[RUNS >> 1]!;
  console.log(`${name}  ${(EVENTS / seconds / 1e6).toFixed(2).padStart(6)} M events per CPU-second  ${runs[0]!.rows.toLocaleString('en').padStart(11)} rows out`);
}
