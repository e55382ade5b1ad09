import { days, milliseconds, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, every } from '@weir/operators';
import type { WindowOptions } from '@weir/topology';

/** Event time of persons, auctions and bids, as every query has it. */
export const whenMade = { timestamp: 'dateTime', watermark: boundedOutOfOrderness(seconds(4)) } as const;

/** Windows of Nexmark fire once, when the watermark has passed their end. */
export const once: WindowOptions = { allowedLateness: milliseconds(0), trigger: afterWatermark(), accumulation: 'accumulating' };

/** Numbers of a day are told every 10 s of wall-clock time while it lasts, and when it is over. */
export const daily: WindowOptions = { allowedLateness: milliseconds(0), trigger: afterWatermark({ early: every(seconds(10)) }), accumulation: 'accumulating' };

/** How long joins and rankings keep what Nexmark would keep for ever. */
export const KEPT = days(30);

/** Why no query keeps its late rows. */
export const NO_LATE_ROWS = 'Nexmark gives up what is more than 4 s late';
