// Nexmark, the benchmark of an auction house: four of its queries over a handful of events.
//
// Prints:
//   q03, auctions of category 10 by sellers of three states:
//     1000 by Vicky Noris, OR
//   q05, the auctions with most bids in the last 10 s, every 2 s:
//     until 12:00:02: 1000 with 1
//     until 12:00:04: 1000 with 2
//     until 12:00:06: 1000 with 2
//     until 12:00:08: 1000 with 2
//     until 12:00:10: 1000 with 4
//     until 12:00:12: 1000 with 3
//     until 12:00:14: 1000 with 2
//     until 12:00:16: 1000 with 2
//     until 12:00:18: 1000 with 2
//     until 12:00:20: 1001 with 1
//   q07, the highest bid of each 10 s:
//     until 12:00:10: 9900 for 1000
//     until 12:00:20: 900 for 1001
//   q09, auctions that are over, with the bid that won:
//     item 1000: 700 by 8
//     item 1001: 900 by 7
import { MAX_WATERMARK } from '@weir/model';
import { nexmarkQueries } from '@weir/pipelines';
import type { NexmarkAuction, NexmarkBid, NexmarkPerson } from '@weir/pipelines';
import { testDriver } from '@weir/test-driver';

const START = Date.UTC(2026, 0, 1, 12);

function person(id: number, name: string, state: string): NexmarkPerson {
  return { id, name, state, city: 'Bend', emailAddress: '', creditCard: '', dateTime: START, extra: '' };
}

function auction(id: number, seller: number, from: number, to: number): NexmarkAuction {
  return { id, seller, category: 10, itemName: `item ${id}`, description: '', initialBid: 100, reserve: 200, dateTime: START + from, expires: START + to, extra: '' };
}

function bid(of: number, bidder: number, price: number, at: number): NexmarkBid {
  return { auction: of, bidder, price, channel: 'Google', url: '', dateTime: START + at, extra: '' };
}

const persons = [person(1_000, 'Vicky Noris', 'OR'), person(1_001, 'Walter White', 'AZ')];
const auctions = [auction(1_000, 1_000, 0, 9_000), auction(1_001, 1_001, 1_000, 12_000)];
const bids = [
  bid(1_000, 7, 500, 1_500),
  bid(1_001, 8, 650, 2_500),
  bid(1_000, 8, 700, 3_000),
  // As high as the one before, on the last millisecond: of equal bids the first one wins.
  bid(1_000, 9, 700, 9_000),
  // A millisecond too late for its auction, but the highest bid of its 10 s.
  bid(1_000, 7, 9_900, 9_001),
  bid(1_001, 7, 900, 11_999),
];

const time = (timestamp: number): string => new Date(timestamp).toISOString().slice(11, 19);

console.log('q03, auctions of category 10 by sellers of three states:');
const q03 = testDriver(nexmarkQueries.q03);
// The auctions come first: the join keeps them until their sellers are there.
q03.push('auctions', auctions);
q03.push('persons', persons);
q03.advanceWatermark('auctions', MAX_WATERMARK);
q03.advanceWatermark('persons', MAX_WATERMARK);
for (const { name, state, auction: id } of q03.drain('results')) console.log(`  ${id} by ${name}, ${state}`);

console.log('q05, the auctions with most bids in the last 10 s, every 2 s:');
const q05 = testDriver(nexmarkQueries.q05);
q05.push('bids', bids);
q05.advanceWatermark('bids', MAX_WATERMARK);
for (const { windowEnd, auction: id, bids: most } of q05.drain('results')) console.log(`  until ${time(windowEnd)}: ${id} with ${most}`);

console.log('q07, the highest bid of each 10 s:');
const q07 = testDriver(nexmarkQueries.q07);
q07.push('bids', bids);
q07.advanceWatermark('bids', MAX_WATERMARK);
for (const { windowEnd, auction: id, price } of q07.drain('results')) console.log(`  until ${time(windowEnd)}: ${price} for ${id}`);

console.log('q09, auctions that are over, with the bid that won:');
const q09 = testDriver(nexmarkQueries.q09);
q09.push('auctions', auctions);
q09.push('bids', bids);
q09.advanceWatermark('auctions', MAX_WATERMARK);
q09.advanceWatermark('bids', MAX_WATERMARK);
for (const { itemName, price, bidder } of q09.drain('results')) console.log(`  ${itemName}: ${price} by ${bidder}`);
