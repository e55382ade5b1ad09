import { float, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** What a device measures each minute; it is its sign of life, too. */
export const Reading = record('Reading', {
  readingId: string(),
  device: string(),
  celsius: float(),
  readAt: timestamp(),
});
export type Reading = Infer<typeof Reading>;
