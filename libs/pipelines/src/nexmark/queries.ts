import { q00 } from './q00.ts';
import { q01 } from './q01.ts';
import { q02 } from './q02.ts';
import { q05 } from './q05.ts';
import { q10 } from './q10.ts';
import { q11 } from './q11.ts';
import { q14 } from './q14.ts';
import { q15 } from './q15.ts';
import { q16 } from './q16.ts';
import { q17 } from './q17.ts';
import { q21 } from './q21.ts';
import { q22 } from './q22.ts';

/** The queries of Nexmark by name. Each reads some of `persons`, `auctions` and `bids`, and answers at `results`. */
export const nexmarkQueries = { q00, q01, q02, q05, q10, q11, q14, q15, q16, q17, q21, q22 } as const;
