import type { NexmarkAuction, NexmarkBid } from '@weir/pipelines';
import type { Logged, LoggedEvents } from '../logged-events.ts';
import type { Answer } from './answer.ts';
import { grouped, happenedBefore, total } from './answer.ts';

/** An average of winning prices is over this one and the ten before it: `ROWS BETWEEN 10 PRECEDING AND CURRENT ROW`. */
const FRAME = 11;

const WEST = new Set(['OR', 'ID', 'CA']);

interface Contest {
  readonly auction: NexmarkAuction;
  /** The bids that came in while it was open, both ends included. */
  readonly bids: readonly Logged<NexmarkBid>[];
}

function contests({ auctions, bids }: LoggedEvents): readonly Contest[] {
  const byAuction = grouped(bids, ({ row }) => row.auction);
  return auctions.map(({ row: auction }) => ({
    auction,
    bids: (byAuction.get(auction.id) ?? []).filter(({ row }) => row.dateTime >= auction.dateTime && row.dateTime <= auction.expires),
  }));
}

/** The highest bid; of equal ones the first. */
function winner(bids: readonly Logged<NexmarkBid>[]): NexmarkBid | undefined {
  return [...bids].sort((a, b) => b.row.price - a.row.price || happenedBefore(a, b))[0]?.row;
}

export const q03: Answer = ({ persons, auctions }) => {
  const sellers = grouped(persons.filter(({ row }) => WEST.has(row.state)), ({ row }) => row.id);
  return auctions
    .filter(({ row }) => row.category === 10)
    .flatMap(({ row }) => (sellers.get(row.seller) ?? []).map(({ row: { name, city, state } }) => ({ name, city, state, auction: row.id })));
};

export const q04: Answer = (events) => {
  const won = contests(events).flatMap(({ auction, bids }) => {
    const best = winner(bids);
    return best === undefined ? [] : [{ category: auction.category, price: best.price }];
  });
  return [...grouped(won, ({ category }) => category)].map(([category, rows]) => ({
    category,
    average: Math.trunc(total(rows.map(({ price }) => price)) / rows.length),
  }));
};

export const q06: Answer = (events) => {
  const won = contests(events).flatMap(({ auction, bids }) => {
    const best = winner(bids);
    return best === undefined ? [] : [{ auction: auction.id, seller: auction.seller, price: best.price, dateTime: best.dateTime }];
  });
  return [...grouped(won, ({ seller }) => seller)].flatMap(([seller, rows]) => {
    const inOrder = [...rows].sort((a, b) => a.dateTime - b.dateTime || a.auction - b.auction);
    return inOrder.map(({ auction }, index) => {
      const frame = inOrder.slice(Math.max(0, index - FRAME + 1), index + 1);
      return { seller, auction, average: Math.trunc(total(frame.map(({ price }) => price)) / frame.length) };
    });
  });
};

export const q09: Answer = (events) =>
  contests(events).flatMap(({ auction, bids }) => {
    const best = winner(bids);
    if (best === undefined) return [];
    return [{ ...auction, auction: best.auction, bidder: best.bidder, price: best.price, bidDateTime: best.dateTime, bidExtra: best.extra }];
  });

export const q20: Answer = ({ auctions, bids }) => {
  const wanted = new Map(auctions.filter(({ row }) => row.category === 10).map(({ row }) => [row.id, row]));
  return bids.flatMap(({ row: bid }) => {
    const auction = wanted.get(bid.auction);
    if (auction === undefined) return [];
    const { itemName, description, initialBid, reserve, dateTime, expires, seller, category, extra } = auction;
    return [{ ...bid, itemName, description, initialBid, reserve, auctionDateTime: dateTime, expires, seller, category, auctionExtra: extra }];
  });
};
