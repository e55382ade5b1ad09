import { WeirError } from '@weir/model';

/** Windows over the rows of a key in order of event time: those numbered [k slide, k slide + size), from 0. */
export interface CountWindows {
  readonly describe: string;
  /** Rows in a window. */
  readonly size: number;
  /** Rows from the begin of one window to that of the next. */
  readonly slide: number;
}

/** Each n rows of a key: [k n, (k + 1) n). Throws WINDOW_SIZE unless n is a whole number of at least 1. */
export function countTumbling(n: number): CountWindows {
  return countWindows(`count tumbling ${n}`, n, n);
}

/**
 * The last n rows of a key, each `slide` rows: [k slide, k slide + n). With slide > n, rows in the gaps are in no window. Throws
 * WINDOW_SIZE unless both are whole numbers of at least 1.
 */
export function countSliding(n: number, slide: number): CountWindows {
  return countWindows(`count sliding ${n} by ${slide}`, n, slide);
}

function countWindows(describe: string, size: number, slide: number): CountWindows {
  if (!Number.isSafeInteger(size) || size < 1 || !Number.isSafeInteger(slide) || slide < 1) {
    throw new WeirError('WINDOW_SIZE', `A count window cannot have ${size} rows and begin every ${slide} rows.`, { remedy: 'Use whole numbers of at least 1.' });
  }
  return Object.freeze({ describe, size, slide });
}
