import type { Duration } from '@weir/model';
import { WeirError, durationText } from '@weir/model';

/** How long state lives. Expired state is never returned, cleaned or not. */
export interface Ttl {
  /** What was written at t is gone from t + this on; above zero. */
  readonly after: Duration;
  /** `event-time` (default) expires the same in every layer and in a replay; `processing-time` goes by ticks. */
  readonly clock?: 'event-time' | 'processing-time';
  /** What makes it live on: creating and writing it (`write`, default), or reading it too. */
  readonly refresh?: 'write' | 'read-and-write';
}

/** A time to live with its defaults filled in. */
export interface CheckedTtl extends Required<Ttl> {
  readonly describe: string;
}

/** Fills in the defaults; a bare duration is event time, refreshed by writing. Throws STATE_TTL when it is not above zero. */
export function checkedTtl(ttl: Duration | Ttl | undefined): CheckedTtl | undefined {
  if (ttl === undefined) return undefined;
  const { after, clock = 'event-time', refresh = 'write' } = typeof ttl === 'number' ? { after: ttl } : ttl;
  if (!(after > 0)) throw new WeirError('STATE_TTL', `State is declared to live for ${after} ms.`, { remedy: 'Use a duration above zero, or no ttl for state that never expires.' });
  const detail = [durationText(after), ...(clock === 'event-time' ? [] : [clock]), ...(refresh === 'write' ? [] : [refresh])].join(' ');
  return { after, clock, refresh, describe: `ttl ${detail}` };
}
