import type { Answer } from './answer.ts';
import { grouped, happenedBefore } from './answer.ts';

/** The last bid of each bidder for each auction. */
export const q18: Answer = ({ bids }) =>
  [...grouped(bids, ({ row }) => `${row.bidder} ${row.auction}`).values()].map((group) => ({ ...[...group].sort(happenedBefore).at(-1)!.row }));

/** The ten highest prices of each auction with their places; which of several bids of one price has which place is nobody's promise. */
export const q19: Answer = ({ bids }) =>
  [...grouped(bids, ({ row }) => row.auction).values()].flatMap((group) =>
    [...group]
      .sort((a, b) => b.row.price - a.row.price)
      .slice(0, 10)
      .map(({ row: { auction, price } }, index) => ({ auction, price, rankNumber: index + 1 })),
  );
