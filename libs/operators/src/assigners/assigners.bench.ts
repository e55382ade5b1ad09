import { hours, milliseconds, minutes, seconds } from '@weir/model';
import type { OperatorBench } from '@weir/testkit';
import { SeededRandom, operatorBench } from '@weir/testkit';
import { sum } from '../aggregates/sum.ts';
import { windowAggregate } from '../window-aggregate.ts';
import type { CustomAssigner } from '../windows/assigner.ts';
import { afterWatermark } from '../windows/triggers/after-watermark.ts';
import { billingCycle } from './billing-cycle.ts';
import { calendar } from './calendar.ts';
import { campaign } from './campaign.ts';
import { cumulating } from './cumulating.ts';
import { tradingDay } from './trading-day.ts';

const COUNT = 1_000_000;
const DAY = 86_400_000;
const EPOCH = 1_700_000_000_000;
const zone = 'America/New_York';

const assigners: Readonly<Record<string, CustomAssigner<unknown>>> = {
  'calendar day': calendar('day', { zone }),
  'calendar month': calendar('month', { zone }),
  'cumulating 1h by 5m': cumulating(hours(1), minutes(5)),
  'trading day': tradingDay({ zone, open: '09:30', close: '16:00' }),
  'billing cycle by key': billingCycle({ zone, anchorDay: (key) => 1 + (Number(key) % 31) }),
  'campaign, 100 of them': campaign(Array.from({ length: 100 }, (_, index) => ({ start: EPOCH + index * DAY, end: EPOCH + index * DAY + 3 * DAY }))),
};

/** Assigning alone, for times in order with a day of disorder, over three years. */
function assignBench([name, assigner]: readonly [string, CustomAssigner<unknown>]): OperatorBench {
  return {
    name: `assign ${name}`,
    count: COUNT,
    prepare: () => {
      const random = new SeededRandom(7);
      const times = Float64Array.from({ length: COUNT }, (_, index) => EPOCH + index * 95_000 - random.below(DAY));
      return () => {
        let windows = 0;
        const into = { add: () => void windows++ };
        for (let i = 0; i < COUNT; i++) assigner.assign(times[i]!, i & 1023, {}, into);
        return windows;
      };
    },
  };
}

const windowed = (assigner: CustomAssigner<unknown>) => () =>
  windowAggregate({ key: { field: 'key' }, assigner, allowedLateness: milliseconds(0), trigger: afterWatermark(), accumulation: 'discarding', aggregators: { cents: sum('cents') } });
const rows = (random: SeededRandom) => ({ key: `k${random.below(1_000)}`, cents: random.below(1_000) });

export default [
  ...Object.entries(assigners).map(assignBench),
  operatorBench('window calendar day, sum', { spec: windowed(assigners['calendar day']!), rows, rowsPerSecond: 1 }),
  operatorBench('window cumulating 1s by 200ms, sum', { spec: windowed(cumulating(seconds(1), milliseconds(200))), rows }),
];
