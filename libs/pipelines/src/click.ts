import { record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** A page that a user looked at. */
export const Click = record('Click', {
  clickId: string(),
  user: string(),
  page: string(),
  /** What the page is about. */
  topic: string(),
  clickedAt: timestamp(),
});
export type Click = Infer<typeof Click>;
