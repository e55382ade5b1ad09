import { output, valueState } from '@weir/operators';
import type { Stream } from '@weir/topology';
import { NO_LATE_ROWS } from './settings.ts';

/** What has to be known of an auction, at least. */
interface Auction {
  readonly id: number;
  readonly expires: number;
}

/** What has to be known of a bid, at least. */
interface Bid {
  readonly auction: number;
  readonly price: number;
}

/** An auction that is over, and the bid that won it. */
export interface Won<A, B> {
  readonly auction: A;
  readonly bid: B;
}

/** What concerns an auction: the auction itself or a bid for it. */
type Concern<A, B> = { readonly of: number; readonly auction: A } | { readonly of: number; readonly bid: B };

/**
 * The winning bid of each auction that had one, told when the auction is over: the highest price among the bids that came while it was
 * open, both ends included; of equal ones the first. An auction is forgotten when it is over, so state is that of open auctions.
 */
export function winningBids<A extends Auction, B extends Bid>(auctions: Stream<A>, bids: Stream<B>): Stream<Won<A, B>> {
  const concerns = auctions
    .map((auction): Concern<A, B> => ({ of: auction.id, auction: { ...auction } }))
    .union(bids.map((bid): Concern<A, B> => ({ of: bid.auction, bid: { ...bid } })));
  const { out, late } = concerns.keyBy('of').process(
    'winningBids',
    {
      state: { auction: valueState<A>(), best: valueState<B>() },
      emits: output<Won<A, B>>(),
      // Rows of one instant are taken by the name of their source: an auction before the bids that come with it.
      onRow: (concern, { state, timers }) => {
        if ('auction' in concern) {
          state.auction.set(concern.auction);
          timers.at(concern.auction.expires + 1);
          return;
        }
        if (state.auction.get() === undefined) return;
        const best = state.best.get();
        if (best === undefined || concern.bid.price > best.price) state.best.set(concern.bid);
      },
      onTimer: (_timer, ctx) => {
        const { state } = ctx;
        const bid = state.best.get();
        if (bid !== undefined) ctx.emit({ auction: state.auction.get()!, bid });
        state.auction.clear();
        state.best.clear();
      },
    },
    { order: 'event-time' },
  );
  late.discard(NO_LATE_ROWS);
  return out;
}
