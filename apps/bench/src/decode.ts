import { json, jsonTwin } from '@weir/codecs';
import { RecordWalker } from '@weir/record-batch';
import { byCodec } from './by-codec.ts';
import { Bid, bidBatches } from './decode-data.ts';
import type { Spelling } from './decode-data.ts';
import { formats } from './decode-formats.ts';
import { compare } from './measure-decoding.ts';
import type { Contender, Contenders } from './measure-decoding.ts';

/**
 * What it costs to come from the bytes of record batches to rows that can be read: JSON.parse alone, JSON.parse with the checks
 * of a schema (the twin), and the scanner; then each other format beside its own library. One thread; CPU time; the median of some runs
 * after a warm-up.
 */
const RECORDS = 100_000;
const PROJECTION = ['auction', 'price', 'dateTime', 'channel'];

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

const contenders: Contenders = [
  ['JSON.parse alone', parseAlone],
  ['twin, 4 of 8 fields', byCodec(jsonTwin(Bid), PROJECTION, false)],
  ['scanner, 4 of 8 fields', byCodec(json(Bid), PROJECTION, false)],
  ['scanner, 4 of 8 fields, one text read', byCodec(json(Bid), PROJECTION, true)],
  ['scanner, all 8 fields', byCodec(json(Bid), Bid.fields.map(({ name }) => name), false)],
];

for (const spelling of ['plain', 'escapes', 'spaced', 'shuffled'] satisfies Spelling[]) {
  await compare(`json, ${spelling}`, bidBatches(spelling, RECORDS), RECORDS, contenders);
}
for (const { title, batches, contenders: others } of formats(RECORDS, PROJECTION)) await compare(title, batches, RECORDS, others);
