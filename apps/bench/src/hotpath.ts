import { json } from '@weir/codecs';
import type { Batch } from '@weir/model';
import { Task } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { projection } from '@weir/topology';
import { benchOptions } from './bench-options.ts';
import { bidBatches } from './bids.ts';
import { byHand } from './by-hand.ts';
import { Bid, hoppingBids, tumblingBids } from './hotpath-pipeline.ts';

const USAGE = `npm run bench:hotpath -- [options]

Takes JSON bids from record batches to window results, and a program written by hand beside it, in turn: events for a second of CPU, and how many times
as fast.

  --events N   bids in each run, default 1000000
  --runs N     runs of each; the median counts, default 7
  --help       this text`;

const { counts: { events: EVENTS, runs: RUNS } } = benchOptions(USAGE, { events: 1_000_000, runs: 7 });

interface Outcome {
  windows: number;
  total: number;
}

/** From the bytes of record batches, through the public API, to window results, in this thread. */
function byWeir(topology: Topology, batches: readonly Uint8Array[]): Outcome {
  const out = { windows: 0, total: 0 };
  const fields = projection(topology, 'bids');
  const task = new Task({
    topology,
    partitions: { bids: 1 },
    decoders: { bids: json(Bid).decoder(fields === undefined ? {} : { projection: fields }) },
    outputs: {
      windows: {
        write: (batch: Batch) => {
          out.windows += batch.length;
          for (let i = 0; i < batch.length; i++) out.total += (batch.at(batch.rows[i]!) as { total: number }).total;
        },
      },
    },
  });
  for (const bytes of batches) task.records('bids', 0, 0, Number.MAX_SAFE_INTEGER, bytes);
  return out;
}

function cpuSeconds(work: () => Outcome): { readonly seconds: number; readonly outcome: Outcome } {
  const before = process.cpuUsage();
  const outcome = work();
  const used = process.cpuUsage(before);
  return { seconds: (used.user + used.system) / 1e6, outcome };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const batches = bidBatches(EVENTS);
const bytes = batches.reduce((sum, batch) => sum + batch.length, 0);
console.log(`${EVENTS.toLocaleString('en')} JSON bids of ${Math.round(bytes / EVENTS)} bytes; one thread; medians of ${RUNS} runs, in turn, after one of each to warm up`);
const queries = [
  { name: 'tumbling 10 s per channel', weir: () => byWeir(tumblingBids, batches), hand: () => byHand(batches, 10_000, 10_000, 'channel') },
  { name: 'hopping 10 s by 2 s per auction', weir: () => byWeir(hoppingBids, batches), hand: () => byHand(batches, 10_000, 2_000, 'auction') },
];
for (const { name, weir, hand } of queries) {
  const weirSeconds: number[] = [];
  const handSeconds: number[] = [];
  for (let run = -1; run < RUNS; run++) {
    const mine = cpuSeconds(weir);
    const theirs = cpuSeconds(hand);
    if (mine.outcome.windows !== theirs.outcome.windows || mine.outcome.total !== theirs.outcome.total) {
      throw new Error(`The two do not agree: ${JSON.stringify(mine.outcome)} and ${JSON.stringify(theirs.outcome)}.`);
    }
    if (run < 0) continue;
    weirSeconds.push(mine.seconds);
    handSeconds.push(theirs.seconds);
  }
  const rate = (seconds: number): string => (EVENTS / seconds / 1e6).toFixed(2);
  const ratios = weirSeconds.map((seconds, i) => handSeconds[i]! / seconds);
  console.log(`${name}: Weir ${rate(median(weirSeconds))} M events per CPU-second, JSON.parse and Maps ${rate(median(handSeconds))} M; ${median(ratios).toFixed(2)} times (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`);
}
