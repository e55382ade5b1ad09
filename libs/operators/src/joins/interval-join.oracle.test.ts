import { milliseconds } from '@weir/model';
import { checkScenario, placedRows, scenarios, cases } from '@weir/testkit';
import type { Emitted, PlacedRow, Scenario } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { intervalJoin } from './interval-join.ts';
import type { JoinKind } from './join-kind.ts';
import { before } from './reach.ts';
import type { IntervalBounds } from './reach.ts';

interface Fields {
  readonly key: string;
  readonly id: number;
}

type Row = Fields & { readonly at: number };

/** One key has most of the rows. */
const fields: fc.Arbitrary<Fields> = fc.record({ key: fc.constantFrom('a', 'a', 'a', 'b', 'c', 'd'), id: fc.nat({ max: 3 }) });
const streams = scenarios<Fields>({ inputs: { left: fields, right: fields } });

const offset = (distance: number) => (distance < 0 ? before(milliseconds(-distance)) : milliseconds(distance));

const bounds: fc.Arbitrary<IntervalBounds> = fc
  .record({
    lower: fc.constantFrom('inclusive', 'exclusive', undefined),
    upper: fc.constantFrom('inclusive', 'exclusive', undefined),
    ends: fc.tuple(fc.constantFrom(-25, -20, -10, -1, 0, 1, 10, 20), fc.constantFrom(-10, -1, 0, 1, 10, 15, 20, 30)),
  })
  .filter(({ ends: [from, to], lower, upper }) => from < to || (from === to && lower !== 'exclusive' && upper !== 'exclusive'))
  .map(({ ends: [from, to], lower, upper }) => ({ between: [offset(from), offset(to)], ...(lower === undefined ? {} : { lower }), ...(upper === undefined ? {} : { upper }) }));

const spec = (kind: JoinKind, interval: IntervalBounds) =>
  intervalJoin({ left: { field: 'key' }, right: { field: 'key' }, kind, ...interval, join: (...rows: readonly (Row | null | undefined)[]) => ({ left: rows[0] ?? null, right: rows[1] ?? null }) });

/** Every left row beside every right one. */
function expected(kind: JoinKind, { between, lower, upper }: IntervalBounds, scenario: Scenario<Row>): readonly string[] {
  const placed = placedRows(scenario);
  const of = (input: number): readonly Row[] => placed.filter((one: PlacedRow<Row>) => one.input === input).map(({ row }) => row);
  const meet = (left: Row, right: Row): boolean =>
    left.key === right.key &&
    (lower === 'exclusive' ? right.at > left.at + between[0] : right.at >= left.at + between[0]) &&
    (upper === 'exclusive' ? right.at < left.at + between[1] : right.at <= left.at + between[1]);
  const [lefts, rights] = [of(0), of(1)];
  const out: string[] = [];
  const say = (left: Row | null, right: Row | null, at: number): void => void out.push(line('results', { left, right }, at));
  const alone = { left: lefts.filter((left) => !rights.some((right) => meet(left, right))), right: rights.filter((right) => !lefts.some((left) => meet(left, right))) };
  if (kind !== 'semi' && kind !== 'anti') {
    for (const left of lefts) for (const right of rights) if (meet(left, right)) say(left, right, Math.max(left.at, right.at));
  }
  if (kind === 'semi') for (const left of lefts) if (!alone.left.includes(left)) say(left, null, left.at);
  if (kind === 'left' || kind === 'full' || kind === 'anti') for (const left of alone.left) say(left, null, left.at);
  if (kind === 'right' || kind === 'full') for (const right of alone.right) say(null, right, right.at);
  return out.sort();
}

function line(port: string, row: unknown, timestamp: number): string {
  return JSON.stringify([port, row, timestamp]);
}

const view = (emitted: readonly Emitted[]): readonly string[] => emitted.map(({ port, row, timestamp }) => line(port, row, timestamp)).sort();

describe('an interval join equals nested loops over the rows', () => {
  it.each(['inner', 'left', 'right', 'full', 'semi', 'anti'] as const)('%s', (kind) => {
    fc.assert(
      fc.property(streams, bounds, (scenario, interval) => checkScenario(spec(kind, interval), scenario, view, expected(kind, interval, scenario))),
      { numRuns: cases(120) },
    );
  });
});
