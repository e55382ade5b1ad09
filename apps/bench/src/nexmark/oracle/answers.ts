import type { Answer } from './answer.ts';
import { q03, q04, q06, q09, q20 } from './auctions.ts';
import { q15, q16, q17 } from './days.ts';
import { q18, q19 } from './rankings.ts';
import { q00, q01, q02, q10, q13, q14, q21, q22 } from './single-bids.ts';
import { q05, q07, q08, q11 } from './windows.ts';

/** The answers by query. There is none for q12: what it counts in a window depends on when rows come. */
export const answers: Readonly<Record<string, Answer>> = {
  q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q13, q14, q15, q16, q17, q18, q19, q20, q21, q22,
};
