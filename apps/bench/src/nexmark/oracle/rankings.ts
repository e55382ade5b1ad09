import type { Answer } from './answer.ts';
import { grouped, happenedBefore } from './answer.ts';

/** The last bid of each bidder for each auction. */
export const q18: Answer = ({ bids }) =>
  [...grouped(bids, ({ row }) => `${row.bidder} ${row.auction}`).values()].map((group) => ({ ...[...group].sort(happenedBefore).at(-1)!.row }));

/** The ten highest bids of each auction; of equal ones the first. */
export const q19: Answer = ({ bids }) =>
  [...grouped(bids, ({ row }) => row.auction).values()].flatMap((group) =>
    [...group]
      .sort((a, b) => b.row.price - a.row.price || happenedBefore(a, b))
      .slice(0, 10)
      .map(({ row }, index) => ({ ...row, rankNumber: index + 1 })),
  );
