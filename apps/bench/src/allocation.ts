import { Session } from 'node:inspector/promises';
import type { HeapProfiler } from 'node:inspector';
import { json } from '@weir/codecs';
import { Task } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { bidBatches } from './bids.ts';
import { Bid, hoppingBids, tumblingBids } from './hotpath-pipeline.ts';

const RECORDS_OF_BATCH = 1_000;
const WARM_UP = 400;
const MEASURED = 60;

/** Bytes allocated for each record in the steady state, by V8's sampling heap profiler, those collected in between included. */
async function bytesPerRecord(topology: Topology, batches: readonly Uint8Array[]): Promise<number> {
  const task = new Task({ topology, partitions: { bids: 1 }, decoders: { bids: json(Bid).decoder() }, outputs: { windows: { write: () => undefined } } });
  const feed = (from: number, to: number): void => {
    for (let i = from; i < to; i++) task.records('bids', 0, 0, Number.MAX_SAFE_INTEGER, batches[i]!);
  };
  feed(0, WARM_UP);
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', { samplingInterval: 512, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true });
  feed(WARM_UP, WARM_UP + MEASURED);
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  return sizeOf(profile.head) / (MEASURED * RECORDS_OF_BATCH);
}

function sizeOf(node: HeapProfiler.SamplingHeapProfileNode): number {
  return node.selfSize + node.children.reduce((sum, child) => sum + sizeOf(child), 0);
}

const batches = bidBatches((WARM_UP + MEASURED) * RECORDS_OF_BATCH);
console.log(JSON.stringify([await bytesPerRecord(tumblingBids, batches), await bytesPerRecord(hoppingBids, batches)]));
