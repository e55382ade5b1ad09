import type { Duration, WatermarkStrategy } from '@weir/model';
import { WeirError, days, durationText } from '@weir/model';
import type { Alignment, AllIdlePolicy } from '@weir/operators';
import type { NumberField } from './stream.ts';

/** What becomes of a row whose event time is further ahead of its log timestamp than `maxFuture`. */
export type TooFarAheadPolicy =
  /** It is a dead letter (TIMESTAMP_INSANE). */
  | 'reject'
  /** It is kept with its time, but the watermark does not follow it; it is counted. */
  | 'clamp';

/** How the rows of a source get their event time. */
export interface EventTimeOptions<Row> {
  /** A field or a pure function of the row; milliseconds since the epoch. */
  readonly timestamp: NumberField<Row> | ((row: Row) => number);
  readonly watermark: WatermarkStrategy<Row>;
  /** A partition without records for this long no longer holds the watermark back; default: it always does. */
  readonly idleAfter?: Duration;
  /** Default `hold`. `advance` needs `idleAfter`. */
  readonly whenAllIdle?: AllIdlePolicy;
  /** The partitions of the sources of a group are read side by side. Needs `idleAfter`, so that a silent partition does not stop the others. */
  readonly alignment?: Alignment;
  /** How far an event may be ahead of its own log timestamp; default one day. */
  readonly maxFuture?: Duration;
  /** Default `reject`. */
  readonly whenTooFarAhead?: TooFarAheadPolicy;
}

export type KeySelectorOfTime = { readonly field: string } | { readonly of: (row: never) => number };

/** How a source's rows get their event time, with all decided. */
export interface EventTime {
  /** A field, or a pure function of the row; milliseconds since the epoch. */
  readonly timestamp: KeySelectorOfTime;
  readonly watermark: WatermarkStrategy;
  /** A partition without records for this long (by ticks) is left out of the minimum. Undefined: it never is. */
  readonly idleAfter: Duration | undefined;
  readonly whenAllIdle: AllIdlePolicy;
  readonly alignment: Alignment | undefined;
  /** An event this far ahead of its own log timestamp is treated by `whenTooFarAhead`. */
  readonly maxFuture: Duration;
  readonly whenTooFarAhead: TooFarAheadPolicy;
}

/** The options with their defaults. Throws EVENT_TIME_NEEDS_IDLE where one of them has no effect, or a deadly one, without `idleAfter`. */
export function eventTimeOf<Row>(pipeline: string, source: string, options: EventTimeOptions<Row>): EventTime {
  const { timestamp, watermark, idleAfter, whenAllIdle = 'hold', alignment, maxFuture = days(1), whenTooFarAhead = 'reject' } = options;
  if (idleAfter === undefined && (alignment !== undefined || whenAllIdle === 'advance')) {
    const option = alignment === undefined ? "whenAllIdle: 'advance'" : 'alignment';
    throw new WeirError('EVENT_TIME_NEEDS_IDLE', `Source '${source}' has ${option}, and no partition of it is ever idle.`, {
      pipeline,
      remedy: 'Say with idleAfter how long a partition may be silent before the others go on without it.',
    });
  }
  const selector = typeof timestamp === 'string' ? { field: timestamp } : { of: timestamp as (row: never) => number };
  return { timestamp: selector, watermark, idleAfter, whenAllIdle, alignment, maxFuture, whenTooFarAhead };
}

/** As `describe()` prints it; what is as by default is left out, except what a reader asks first. */
export function eventTimeText(eventTime: EventTime): string {
  const { watermark, idleAfter, whenAllIdle, alignment, maxFuture, whenTooFarAhead } = eventTime;
  return [
    `time ${'field' in eventTime.timestamp ? eventTime.timestamp.field : 'a function'}`,
    watermark.describe,
    idleAfter === undefined ? 'never idle' : `idle after ${durationText(idleAfter)}`,
    ...(whenAllIdle === 'advance' ? ['advancing when all are idle'] : []),
    ...(alignment === undefined ? [] : [`aligned in ${alignment.group} within ${durationText(alignment.maxDrift)}`]),
    `at most ${durationText(maxFuture)} ahead${whenTooFarAhead === 'clamp' ? ' or without effect on the watermark' : ''}`,
  ].join(', ');
}
