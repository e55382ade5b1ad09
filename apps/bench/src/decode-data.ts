import { RecordBatchBuilder } from '@weir/record-batch';
import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** A bid of Nexmark, in its flat form. */
export const Bid = record('Bid', {
  auction: int(),
  bidder: int(),
  price: int(),
  channel: string(),
  url: string(),
  dateTime: timestamp(),
  status: string(),
  extra: string(),
});
/** A row of it. */
export type Bid = Infer<typeof Bid>;

/** How the same bids are written down. */
export type Spelling = 'plain' | 'escapes' | 'spaced' | 'shuffled';

const CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'];
const RECORDS_PER_BATCH = 1_000;

/** Small numbers from a seed, the same in every run (a linear congruential generator, Numerical Recipes). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function bid(i: number, random: (below: number) => number, spelling: Spelling): Bid {
  const letters = Array.from({ length: 20 + random(50) }, () => String.fromCharCode(97 + random(26))).join('');
  return {
    auction: 1_000 + random(100) * random(1_000),
    bidder: 1_000 + random(5_000),
    price: 1 + random(10 ** (1 + random(7))),
    channel: random(2) === 0 ? CHANNELS[random(4)]! : `channel-${random(10_000)}`,
    url: `https://www.nexmark.com/${letters.slice(0, 5)}/item.htm?query=1`,
    dateTime: 1_700_000_000_000 + i * 2 + random(1_000),
    status: random(10) === 0 ? 'void' : 'paid',
    extra: spelling === 'escapes' ? letters.replaceAll(/[aeiou]/g, '\n"') : letters,
  };
}

function spelled(row: Bid, random: (below: number) => number, spelling: Spelling): string {
  if (spelling === 'spaced') return JSON.stringify(row, undefined, 1);
  if (spelling !== 'shuffled') return JSON.stringify(row);
  const members = Object.entries({ ...row, [`unknown${random(5)}`]: { nested: [1, null] } });
  for (let i = members.length - 1; i > 0; i--) {
    const other = random(i + 1);
    [members[i], members[other]] = [members[other]!, members[i]!];
  }
  return JSON.stringify(Object.fromEntries(members));
}

/** Record batches, and what the values alone weigh. */
export interface Batches {
  readonly batches: readonly Uint8Array[];
  readonly valueBytes: number;
}

/** Bids as JSON, the same in every run. */
export function bidBatches(spelling: Spelling, count: number): Batches {
  return batchesOf(count, spelling, (row, random) => Buffer.from(spelled(row, random, spelling)));
}

/** The same bids as a codec writes them. */
export function encodedBids(count: number, encode: (row: Bid) => Uint8Array): Batches {
  return batchesOf(count, 'plain', encode);
}

function batchesOf(count: number, spelling: Spelling, encode: (row: Bid, random: (below: number) => number) => Uint8Array): Batches {
  const random = seeded(7);
  const builder = new RecordBatchBuilder(1 << 20);
  const batches: Uint8Array[] = [];
  let valueBytes = 0;
  for (let i = 0; i < count; i++) {
    const value = encode(bid(i, random, spelling), random);
    valueBytes += value.length;
    builder.append(1_700_000_000_000 + i * 2, null, value);
    if (builder.count === RECORDS_PER_BATCH) batches.push(builder.build());
  }
  return { batches, valueBytes };
}
