import { milliseconds, seconds } from '@weir/model';
import { operatorBench } from '@weir/testkit';
import type { WindowAssigner } from '../windows/assigner.ts';
import { session } from '../windows/session.ts';
import { tumbling } from '../windows/tumbling.ts';
import { intervalJoin } from './interval-join.ts';
import type { JoinKind } from './join-kind.ts';
import { regularJoin } from './regular-join.ts';
import { windowJoin } from './window-join.ts';

const keys = { left: { field: 'key' }, right: { field: 'key' } } as const;

/** A row meets about one of the other input within a second. */
const rows = (random: { below(bound: number): number }) => ({ key: `k${random.below(50_000)}`, cents: random.below(1_000) });
/** One key has half of the rows. */
const skewed = (random: { below(bound: number): number }) => ({ key: `k${random.below(2) === 0 ? 0 : random.below(50_000)}`, cents: random.below(1_000) });

const interval = (kind: JoinKind, upper = seconds(1)) => () =>
  intervalJoin({ ...keys, kind, between: [milliseconds(0), upper], join: (...[left, right]: readonly unknown[]) => ({ left, right }) });
const windows = (window: WindowAssigner) => () => windowJoin({ ...keys, kind: 'full', window, join: (...[left, right]: readonly unknown[]) => ({ left, right }) });

export default [
  operatorBench('interval join, inner', { spec: interval('inner'), rows }),
  operatorBench('interval join, full', { spec: interval('full'), rows }),
  operatorBench('interval join, anti', { spec: interval('anti'), rows }),
  operatorBench('interval join, inner, half the rows of one key', { spec: interval('inner', milliseconds(1)), rows: skewed }),
  operatorBench('window join, tumbling 1s, full', { spec: windows(tumbling(seconds(1))), rows }),
  operatorBench('window join, session gap 100ms, full', { spec: windows(session(milliseconds(100))), rows }),
  operatorBench('regular join, ttl 1s, full', { spec: () => regularJoin({ ...keys, kind: 'full', ttl: seconds(1), join: (left, right) => ({ left, right }) }), rows }),
];
