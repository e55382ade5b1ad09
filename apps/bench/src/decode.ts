import { json, jsonTwin } from '@weir/codecs';
import { RecordWalker } from '@weir/record-batch';
import { Bid, bidBatches } from './decode-data.ts';
import type { Spelling } from './decode-data.ts';

/**
 * What it costs to come from the bytes of record batches to rows that can be read: JSON.parse alone, JSON.parse with the checks
 * of a schema (the twin), and the scanner. One thread; CPU time; the median of RUNS after a warm-up.
 */
const RECORDS = 100_000;
const RUNS = 9;
const WARM_UP = 4;
const PROJECTION = ['auction', 'price', 'dateTime', 'channel'];

type Contender = (batch: Uint8Array) => number;

function parseAlone(): Contender {
  const walker = new RecordWalker();
  return (bytes) => {
    walker.walk(bytes, 0, Number.MAX_SAFE_INTEGER);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let sum = 0;
    for (let i = 0; i < walker.count; i++) {
      sum += (JSON.parse(buffer.toString('utf8', walker.valueStarts[i]!, walker.valueEnds[i]!)) as { readonly price: number }).price;
    }
    return sum;
  };
}

function decode(codec: typeof json | typeof jsonTwin, projection: readonly string[], readsText: boolean): Contender {
  const decoder = codec(Bid).decoder({ projection });
  return (bytes) => {
    const { batch, rejections } = decoder.decode(bytes, 'bids', 0, 0, Number.MAX_SAFE_INTEGER);
    if (rejections.length > 0) throw new Error(`The benchmark's own record was refused: ${rejections[0]!.message}`);
    if (readsText) batch.symbols('channel');
    const prices = batch.numbers('price');
    let sum = 0;
    for (let i = 0; i < batch.length; i++) sum += prices[i]!;
    return sum;
  };
}

/** CPU nanoseconds for each record: the median, and what it read, so that nobody is measured who read something else. */
function measure(contender: Contender, batches: readonly Uint8Array[]): { readonly nanoseconds: number; readonly sum: number } {
  const times: number[] = [];
  let sum = 0;
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    const before = process.cpuUsage();
    sum = 0;
    for (const batch of batches) sum += contender(batch);
    const { user, system } = process.cpuUsage(before);
    if (run >= WARM_UP) times.push(((user + system) * 1_000) / RECORDS);
  }
  return { nanoseconds: times.sort((a, b) => a - b)[RUNS >> 1]!, sum };
}

const contenders: readonly (readonly [string, () => Contender])[] = [
  ['JSON.parse alone', parseAlone],
  ['twin, 4 of 8 fields', () => decode(jsonTwin, PROJECTION, false)],
  ['scanner, 4 of 8 fields', () => decode(json, PROJECTION, false)],
  ['scanner, 4 of 8 fields, one text read', () => decode(json, PROJECTION, true)],
  ['scanner, all 8 fields', () => decode(json, Bid.fields.map(({ name }) => name), false)],
];

for (const spelling of ['plain', 'escapes', 'spaced', 'shuffled'] satisfies Spelling[]) {
  const { batches, valueBytes } = bidBatches(spelling, RECORDS);
  console.log(`\n${spelling}: ${RECORDS} bids of ${Math.round(valueBytes / RECORDS)} bytes`);
  let baseline: { readonly nanoseconds: number; readonly sum: number } | undefined;
  for (const [name, make] of contenders) {
    const result = measure(make(), batches);
    baseline ??= result;
    if (result.sum !== baseline.sum) throw new Error(`${name} read other prices than ${contenders[0]![0]}.`);
    const rate = (1_000 / result.nanoseconds).toFixed(2);
    console.log(`  ${name.padEnd(40)}${result.nanoseconds.toFixed(0).padStart(6)} ns${rate.padStart(8)} M/s${(baseline.nanoseconds / result.nanoseconds).toFixed(2).padStart(8)} x`);
  }
}
