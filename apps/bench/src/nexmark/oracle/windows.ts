import type { Answer } from './answer.ts';
import { grouped } from './answer.ts';

const SECOND = 1_000;
const TEN = 10 * SECOND;

const startOf = (time: number, size: number): number => Math.floor(time / size) * size;

/** Bids per auction in [end - 10 s, end) for every even second, and of each window the auctions with the most. */
export const q05: Answer = ({ bids }) => {
  const perWindow = new Map<number, Map<number, number>>();
  for (const { row } of bids) {
    for (let start = startOf(row.dateTime, 2 * SECOND); start > row.dateTime - TEN; start -= 2 * SECOND) {
      const counts = perWindow.get(start) ?? new Map<number, number>();
      perWindow.set(start, counts);
      counts.set(row.auction, (counts.get(row.auction) ?? 0) + 1);
    }
  }
  return [...perWindow].flatMap(([start, counts]) => {
    const most = Math.max(...counts.values());
    return [...counts].filter(([, count]) => count === most).map(([auction, count]) => ({ auction, bids: count, windowEnd: start + TEN }));
  });
};

/** Of each window of 10 s the highest price, and the bids of that price from its start to its end, the end included. */
export const q07: Answer = ({ bids }) => {
  const rows = bids.map(({ row }) => row);
  const inWindow = grouped(rows, (bid) => startOf(bid.dateTime, TEN));
  return [...inWindow].flatMap(([key, inside]) => {
    const start = Number(key);
    const highest = inside.reduce((most, { price }) => Math.max(most, price), 0);
    const after = (inWindow.get(start + TEN) ?? []).filter(({ dateTime }) => dateTime === start + TEN);
    return [...inside, ...after]
      .filter(({ price }) => price === highest)
      .map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra, windowEnd: start + TEN }));
  });
};

/** Persons who came and put up an auction in the same 10 s. */
export const q08: Answer = ({ persons, auctions }) => {
  const selling = new Set(auctions.map(({ row }) => `${row.seller} ${startOf(row.dateTime, TEN)}`));
  const found = new Map<string, { id: number; name: string; windowStart: number }>();
  for (const { row } of persons) {
    const windowStart = startOf(row.dateTime, TEN);
    if (selling.has(`${row.id} ${windowStart}`)) found.set(`${row.id} ${row.name} ${windowStart}`, { id: row.id, name: row.name, windowStart });
  }
  return [...found.values()];
};

/** Bids of one bidder, each at most 10 s after the one before. */
export const q11: Answer = ({ bids }) =>
  [...grouped(bids, ({ row }) => row.bidder)].flatMap(([bidder, rows]) => {
    const times = rows.map(({ row }) => row.dateTime).sort((a, b) => a - b);
    const sessions: number[][] = [];
    for (const time of times) {
      const open = sessions.at(-1);
      if (open !== undefined && time - open.at(-1)! <= TEN) open.push(time);
      else sessions.push([time]);
    }
    return sessions.map((session) => ({ bidder, bids: session.length, start: session[0]!, end: session.at(-1)! + TEN }));
  });
