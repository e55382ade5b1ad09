import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NexmarkGenerator } from './generator.ts';
import { RUSH, SLOW, nexmarkLines, readNexmark } from './logged-events.ts';

const EVENTS = 20_000;
const rush = readNexmark(nexmarkLines(RUSH, EVENTS), 3);

describe('the generator', () => {
  it('makes the same file again, whatever else changes', () => {
    const hash = createHash('sha256');
    for (const line of nexmarkLines(RUSH, EVENTS)) hash.update(line);
    expect(hash.digest('hex').slice(0, 16)).toBe('695394f8d5e2d613');
  });

  it('makes any event by itself', () => {
    const generator = new NexmarkGenerator(RUSH);
    const forwards = Array.from({ length: 500 }, (_, number) => generator.event(number));
    const other = new NexmarkGenerator(RUSH);
    const backwards = Array.from({ length: 500 }, (_, back) => other.event(499 - back));
    expect(backwards.reverse()).toEqual(forwards);
  });

  it('gives other events for another seed', () => {
    expect(new NexmarkGenerator({ ...RUSH, seed: 43 }).event(7)).not.toEqual(new NexmarkGenerator(RUSH).event(7));
  });

  it('makes persons, auctions and bids as 1 : 3 : 46, with ids that follow on each other', () => {
    const { persons, auctions, bids } = rush;
    expect([persons.length, auctions.length, bids.length]).toEqual([400, 1_200, 18_400]);
    expect(persons.map(({ row }) => row.id).sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, index) => 1_000 + index));
    expect(auctions.map(({ row }) => row.id).sort((a, b) => a - b)).toEqual(Array.from({ length: 1_200 }, (_, index) => 1_000 + index));
  });

  it('makes no event more than the watermark allows behind one before it', () => {
    const generator = new NexmarkGenerator(RUSH);
    let newest = -Infinity;
    let furthest = 0;
    for (let number = 0; number < EVENTS; number++) {
      const { dateTime } = generator.event(number).row;
      furthest = Math.max(furthest, newest - dateTime);
      newest = Math.max(newest, dateTime);
    }
    expect(furthest).toBeGreaterThan(400);
    expect(furthest).toBeLessThan(4_000);
  });

  it('keeps to the shares and bounds of the specification', () => {
    const { auctions, bids } = rush;
    const percent = <Row>(rows: readonly { readonly row: Row }[], matches: (row: Row) => boolean): number =>
      Math.round((100 * rows.filter(({ row }) => matches(row)).length) / rows.length);
    // A cold choice may hit a hot id as well.
    expect(percent(bids, (bid) => (bid.auction - 1_000) % 100 === 0)).toBeOneOf([50, 51, 52]);
    expect(percent(bids, (bid) => (bid.bidder - 1_000) % 100 === 1)).toBeOneOf([74, 75, 76]);
    expect(percent(auctions, (auction) => (auction.seller - 1_000) % 100 === 0)).toBeOneOf([73, 74, 75, 76, 77]);
    expect(percent(bids, (bid) => /^(Google|Facebook|Baidu|Apple)$/.test(bid.channel))).toBeOneOf([49, 50, 51]);
    expect(percent(bids, (bid) => bid.extra.includes('\\'))).toBeOneOf([71, 72, 73, 74, 75]);
    expect(bids.every(({ row }) => row.price >= 100 && row.price <= 100_000_000 && row.extra.length >= 54 && row.extra.length <= 82)).toBe(true);
    expect(auctions.every(({ row }) => row.expires > row.dateTime && row.reserve > row.initialBid && row.category >= 10 && row.category <= 14)).toBe(true);
  });

  it('refers to persons and auctions that do not exist yet', () => {
    const { bids, auctions } = rush;
    const born = new Map(auctions.map(({ row }) => [row.id, row.dateTime]));
    expect(bids.filter(({ row }) => (born.get(row.auction) ?? Infinity) > row.dateTime).length).toBeGreaterThan(500);
  });

  it('makes every hour of a day with the slow options', () => {
    const hours = new Set(readNexmark(nexmarkLines(SLOW, EVENTS), 1).bids.map(({ row }) => new Date(row.dateTime).getUTCHours()));
    expect(hours.size).toBe(24);
  });
});
