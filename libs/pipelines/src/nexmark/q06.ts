import { listState, output } from '@weir/operators';
import { int, record } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkAuction, NexmarkBid } from './records.ts';
import { KEPT, whenMade } from './settings.ts';
import { winningBids } from './winning-bids.ts';

/** An average is over a winning price and the ten before it: `ROWS BETWEEN 10 PRECEDING AND CURRENT ROW`. */
const FRAME = 11;

const SellerAverage = record('SellerAverage', { seller: int(), auction: int(), average: int() });

interface Sale {
  readonly auction: number;
  readonly price: number;
  readonly dateTime: number;
}

/**
 * Average selling price: for each auction that was won, the average of the last prices that its seller had got by then, in the order of
 * the winning bids. An auction that goes on for longer may turn out to have been won earlier: the averages behind it change, which the
 * output says as a changelog.
 */
export const q06 = pipeline(
  { name: 'nexmark-q06', sources: { auctions: NexmarkAuction, bids: NexmarkBid }, sinks: { results: SellerAverage } },
  ({ auctions, bids }, sinks) => {
    const { out } = winningBids(auctions.withEventTime(whenMade).project('id', 'expires', 'seller'), bids.withEventTime(whenMade).project('auction', 'price', 'dateTime'))
      .map(({ auction, bid }) => ({ seller: auction.seller, auction: auction.id, price: bid.price, dateTime: bid.dateTime }))
      .keyBy('seller')
      .process('averages', {
        state: { sales: listState<Sale>({ ttl: KEPT }) },
        emits: output<{ readonly seller: number; readonly auction: number; readonly average: number }>(),
        onRow: ({ auction, price, dateTime }, ctx) => {
          const { key, state } = ctx;
          const before = state.sales.get();
          const place = placeOf(before, auction, dateTime);
          const after = [...before.slice(0, place), { auction, price, dateTime }, ...before.slice(place)];
          state.sales.set(after);
          ctx.emit({ seller: key, auction, average: averageAt(after, place) });
          for (let i = place; i < Math.min(before.length, place + FRAME - 1); i++) {
            const changed = before[i]!.auction;
            ctx.emit({ seller: key, auction: changed, average: averageAt(before, i) }, { change: 'update-before' });
            ctx.emit({ seller: key, auction: changed, average: averageAt(after, i + 1) }, { change: 'update-after' });
          }
        },
      });
    out.to(sinks.results);
  },
);

/** Where a sale belongs in the order of (winning bid's time, auction); nearly always at the end. */
function placeOf(sales: readonly Sale[], auction: number, dateTime: number): number {
  let place = sales.length;
  while (place > 0 && (sales[place - 1]!.dateTime > dateTime || (sales[place - 1]!.dateTime === dateTime && sales[place - 1]!.auction > auction))) place--;
  return place;
}

/** Whole cents, cut off. */
function averageAt(sales: readonly Sale[], place: number): number {
  const frame = sales.slice(Math.max(0, place - FRAME + 1), place + 1);
  return Math.trunc(frame.reduce((total, { price }) => total + price, 0) / frame.length);
}
