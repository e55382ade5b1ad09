import type { Duration } from '@weir/model';
import { WeirError, durationText } from '@weir/model';
import type { SessionAssigner } from './assigner.ts';

/** Sessions: [first, last + gap). Two rows exactly `gap` apart are in one session. Throws WINDOW_SIZE when the gap is 0. */
export function session(gap: Duration): SessionAssigner {
  if (gap <= 0) throw new WeirError('WINDOW_SIZE', `A session gap cannot be ${gap} ms.`, { remedy: 'Use a duration above zero.' });
  return Object.freeze({ kind: 'session', describe: `session gap ${durationText(gap)}`, gap });
}
