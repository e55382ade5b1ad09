import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** A charge of a payment card. */
export const Charge = record('Charge', {
  chargeId: string(),
  card: string(),
  cents: int(),
  /** Two letters, by ISO 3166. */
  country: string(),
  chargedAt: timestamp(),
});
export type Charge = Infer<typeof Charge>;
