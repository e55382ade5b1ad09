import { minutes, seconds } from '@weir/model';
import type { WatermarkStrategy } from '@weir/model';
import { afterWatermark, billingCycle, boundedOutOfOrderness, calendar, campaign, count, cumulating, monotonous, percentile, perfect, predictive, punctuated, tradingDay } from '@weir/operators';
import { describe, expectTypeOf, it } from 'vitest';
import type { KeyedStream, UntimedStream } from './stream.ts';

interface Reading {
  readonly device: string;
  readonly at: number;
  readonly closes: number | null;
  readonly anchor: number;
}

const options = { allowedLateness: minutes(0), trigger: afterWatermark(), accumulation: 'discarding' } as const;
const idle = { idleAfter: seconds(30) } as const;

/** For the compiler's eyes: the function is never called. */
function compiled(_define: () => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

declare const untimed: UntimedStream<Reading>;
declare const keyed: KeyedStream<Reading, string>;
declare const ofOthers: WatermarkStrategy<{ readonly other: string }>;

describe('what compiles', () => {
  it('every strategy, for any row; and a punctuation that knows its row without being told', () => {
    compiled(() => {
      for (const watermark of [monotonous(), boundedOutOfOrderness(seconds(5)), perfect(), percentile({ ceiling: minutes(5) }), predictive({ ceiling: minutes(5) })]) untimed.withEventTime({ timestamp: 'at', watermark });
      untimed.withEventTime({
        timestamp: 'at',
        watermark: punctuated((reading) => {
          expectTypeOf(reading).toEqualTypeOf<Reading>();
          return reading.closes;
        }),
      });
      untimed.withEventTime({ timestamp: 'at', watermark: punctuated((reading: Reading) => reading.closes, { reads: ['closes'] }), ...idle, whenAllIdle: 'advance', whenTooFarAhead: 'clamp', alignment: { group: 'devices', maxDrift: minutes(1) } });
    });
  });

  it('every assigner, for any row; and an anchor that knows its row', () => {
    compiled(() => {
      for (const assigner of [calendar('day', { zone: 'UTC' }), cumulating(minutes(60), minutes(5)), tradingDay({ zone: 'UTC', open: '09:00', close: '17:00' }), campaign([]), billingCycle({ zone: 'UTC', anchorDay: 1 })]) {
        keyed.window(assigner, options).aggregate('n', { n: count() });
      }
      keyed.window(
        billingCycle({
          zone: 'UTC',
          anchorDay: (_key, reading) => {
            expectTypeOf(reading).toEqualTypeOf<Reading>();
            return reading.anchor;
          },
        }),
        options,
      );
    });
  });
});

describe('what does not compile', () => {
  it('a strategy for other rows, and policies that are none', () => {
    compiled(() => {
      // @ts-expect-error: it reads rows of another type
      untimed.withEventTime({ timestamp: 'at', watermark: ofOthers });
      // @ts-expect-error: text is no watermark
      untimed.withEventTime({ timestamp: 'at', watermark: punctuated((reading: Reading) => reading.device) });
      // @ts-expect-error: a typo in a field
      punctuated((reading: Reading) => reading.closes, { reads: ['closed'] });
      // @ts-expect-error: there is no such policy
      untimed.withEventTime({ timestamp: 'at', watermark: perfect(), ...idle, whenAllIdle: 'wait' });
      // @ts-expect-error: there is no such policy
      untimed.withEventTime({ timestamp: 'at', watermark: perfect(), whenTooFarAhead: 'drop' });
      // @ts-expect-error: of what unit?
      untimed.withEventTime({ timestamp: 'at', watermark: perfect(), ...idle, alignment: { group: 'devices', maxDrift: 60 } });
      // @ts-expect-error: a ceiling is needed
      percentile({ target: 0.99 });
    });
  });

  it('a calendar without a zone, and units and days that are none', () => {
    compiled(() => {
      // @ts-expect-error: whose days?
      calendar('day');
      // @ts-expect-error: there is no such unit
      calendar('fortnight', { zone: 'UTC' });
      // @ts-expect-error: there is no such day
      calendar('week', { zone: 'UTC', weekStartsOn: 'mon' });
      // @ts-expect-error: the anchor is read from rows of another type
      keyed.window(billingCycle({ zone: 'UTC', anchorDay: (_key, row: { readonly day: number }) => row.day }), options);
      // @ts-expect-error: when does it close?
      tradingDay({ zone: 'UTC', open: '09:00' });
    });
  });
});
