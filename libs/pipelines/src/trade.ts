import { boolean, int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** A trade as it was booked, or booked anew: of the versions of a trade the highest holds. */
export const Trade = record('Trade', {
  tradeId: string(),
  /** 1 for the first booking, then +1 for each correction. */
  version: int(),
  desk: string(),
  instrument: string(),
  /** Negative when sold. */
  quantity: int(),
  /** Of one piece. */
  cents: int(),
  /** True when the trade is taken back altogether. */
  cancelled: boolean(),
  /** When the trade was made; corrections keep it. */
  tradedAt: timestamp(),
  /** When this version was booked. */
  bookedAt: timestamp(),
});
export type Trade = Infer<typeof Trade>;
