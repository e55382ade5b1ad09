import { milliseconds } from '@weir/model';
import { ParallelRun, cases, scenarioBatch } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinActs, lineOf, runActs } from './fixtures/join-acts.ts';
import type { ActOutput, JoinAct, JoinRow } from './fixtures/join-acts.ts';
import { intervalJoin } from './interval-join.ts';
import type { JoinKind } from './join-kind.ts';
import { before } from './reach.ts';
import type { IntervalBounds } from './reach.ts';

const KINDS = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
const offset = (distance: number) => (distance < 0 ? before(milliseconds(-distance)) : milliseconds(distance));

const bounds: fc.Arbitrary<Required<IntervalBounds>> = fc
  .record({
    lower: fc.constantFrom('inclusive' as const, 'exclusive' as const),
    upper: fc.constantFrom('inclusive' as const, 'exclusive' as const),
    ends: fc.tuple(fc.integer({ min: -20, max: 10 }), fc.integer({ min: -10, max: 25 })),
  })
  .filter(({ ends: [from, to], lower, upper }) => from < to || (from === to && lower !== 'exclusive' && upper !== 'exclusive'))
  .map(({ ends: [from, to], ...kinds }) => ({ between: [offset(from), offset(to)], ...kinds }));

const spec = (kind: JoinKind, interval: IntervalBounds, maxRows?: number) =>
  intervalJoin({ left: { field: 'key' }, right: { field: 'key' }, kind, ...interval, ...(maxRows === undefined ? {} : { maxRows }), join: (...rows: readonly (JoinRow | null | undefined)[]) => ({ left: rows[0] ?? null, right: rows[1] ?? null }) });

interface Held {
  readonly row: JoinRow;
  readonly input: number;
  readonly place: readonly number[];
  matched: boolean;
  said: boolean;
}

/** An interval join the plain way: remembers every row for ever, and looks at all of them each time. */
class NaiveIntervalJoin {
  readonly #kind: JoinKind;
  readonly #interval: Required<IntervalBounds>;
  #held: Held[] = [];
  #watermark = Number.NEGATIVE_INFINITY;
  readonly late: number[] = [0, 0];

  constructor(kind: JoinKind, interval: Required<IntervalBounds>) {
    this.#kind = kind;
    this.#interval = interval;
  }

  act(act: JoinAct): ActOutput {
    const out = { results: [] as string[], lateLeft: [] as string[], lateRight: [] as string[] };
    if (act.kind === 'watermark') {
      this.#watermark = Math.max(this.#watermark, act.watermark);
      this.#sayUnmatched(out.results);
      return out;
    }
    for (const [index, row] of act.rows.entries()) {
      const held: Held = { row, input: act.input, place: [row.at, act.partition, act.from + index], matched: false, said: false };
      if (row.at < this.#watermark) out[act.input === 0 ? 'lateLeft' : 'lateRight'].push(lineOf(row, row.at));
      else this.#join(held, out.results);
    }
    return out;
  }

  /** Rows that a row which is still to come could meet; of `semi` and `anti`, without the left ones that have met one. */
  get useful(): number {
    return this.#held.filter((held) => !this.#isDead(held) && !(held.input === 0 && held.matched && (this.#kind === 'semi' || this.#kind === 'anti'))).length;
  }

  #join(own: Held, results: string[]): void {
    const met = this.#held.filter((other) => other.input !== own.input && (own.input === 0 ? this.#meet(own.row, other.row) : this.#meet(other.row, own.row)));
    for (const other of met.sort(byPlace)) {
      const [left, right] = own.input === 0 ? [own, other] : [other, own];
      if (this.#kind === 'semi' && !left.matched) results.push(lineOf({ left: left.row, right: null }, left.row.at));
      if (this.#kind !== 'semi' && this.#kind !== 'anti') results.push(lineOf({ left: left.row, right: right.row }, Math.max(left.row.at, right.row.at)));
      own.matched = true;
      other.matched = true;
    }
    this.#held.push(own);
    this.#sayUnmatched(results);
  }

  #sayUnmatched(results: string[]): void {
    const wanted = (input: number): boolean => this.#kind === 'full' || (input === 0 ? this.#kind === 'left' || this.#kind === 'anti' : this.#kind === 'right');
    const dead = this.#held.filter((held) => !held.said && !held.matched && wanted(held.input) && this.#isDead(held));
    for (const held of dead.sort((a, b) => a.row.at - b.row.at || a.input - b.input || byPlace(a, b))) {
      held.said = true;
      results.push(lineOf({ left: held.input === 0 ? held.row : null, right: held.input === 0 ? null : held.row }, held.row.at));
    }
  }

  #meet(left: JoinRow, right: JoinRow): boolean {
    const { between, lower, upper } = this.#interval;
    const [from, to] = [left.at + between[0] + (lower === 'exclusive' ? 1 : 0), left.at + between[1] - (upper === 'exclusive' ? 1 : 0)];
    return left.key === right.key && from <= right.at && right.at <= to;
  }

  /** No whole millisecond from the watermark on is within its reach. */
  #isDead({ row, input }: Held): boolean {
    const { between, lower, upper } = this.#interval;
    const last = input === 0 ? row.at + between[1] - (upper === 'exclusive' ? 1 : 0) : row.at - between[0] - (lower === 'exclusive' ? 1 : 0);
    return last < this.#watermark;
  }
}

function byPlace(a: Held, b: Held): number {
  return a.place[0]! - b.place[0]! || a.place[1]! - b.place[1]! || a.place[2]! - b.place[2]!;
}

const resultsOf = (outputs: readonly ActOutput[]): readonly string[] => outputs.flatMap((output) => output['results']!).sort();
const rowsOf = (lines: readonly string[]): readonly (readonly [unknown, unknown])[] =>
  lines.map((text) => {
    const { left, right } = (JSON.parse(text) as [string, number, { left: unknown; right: unknown }])[2];
    return [left, right];
  });
const texts = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value)).sort();

describe('an interval join, whatever the watermark does', () => {
  it.each(KINDS)('says at each step what the plain one says, in the same order, and nothing earlier or later: %s', (kind) => {
    fc.assert(
      fc.property(joinActs, bounds, (acts, interval) => {
        const naive = new NaiveIntervalJoin(kind, interval);
        const all: readonly JoinAct[] = [...acts, { kind: 'watermark', watermark: Number.POSITIVE_INFINITY }];
        expect(runActs(spec(kind, interval), acts)).toEqual(all.map((act) => naive.act(act)));
      }),
      { numRuns: cases(200) },
    );
  });

  it.each(KINDS)('keeps no row that nothing can meet any more: %s', (kind) => {
    fc.assert(
      fc.property(joinActs, bounds, (acts, interval) => {
        const naive = new NaiveIntervalJoin(kind, interval);
        // Row by row: within a batch the most is held in between.
        const single = acts.flatMap((act): readonly JoinAct[] => (act.kind === 'watermark' ? [act] : act.rows.map((row, index) => ({ ...act, from: act.from + index, rows: [row] }))));
        const most = single.reduce((greatest, act) => Math.max(greatest, (naive.act(act), naive.useful)), 1);
        runActs(spec(kind, interval, most), single);
        if (most > 1) expect(() => runActs(spec(kind, interval, most - 1), single)).toThrow('JOIN_STATE_LIMIT test/step');
      }),
      { numRuns: cases(100) },
    );
  });

  it('is left with no rows at the end of time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), joinActs, bounds, (kind, acts, interval) => {
        const run = new ParallelRun(spec(kind, interval), 1);
        for (const act of acts) if (act.kind === 'rows') run.rows(act.input, scenarioBatch('s', act.partition, act.rows, act.from));
        run.watermark(Number.POSITIVE_INFINITY);
        const empty = new ParallelRun(spec(kind, interval), 1);
        empty.watermark(Number.POSITIVE_INFINITY);
        expect(run.snapshots()).toEqual(empty.snapshots());
      }),
      { numRuns: cases(100) },
    );
  });

  it('does not care how the rows of a partition are cut into batches', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), joinActs, bounds, (kind, acts, interval) => {
        const single = acts.flatMap((act): readonly JoinAct[] => (act.kind === 'watermark' ? [act] : act.rows.map((row, index) => ({ ...act, from: act.from + index, rows: [row] }))));
        const flat = (outputs: readonly ActOutput[]) => ['results', 'lateLeft', 'lateRight'].map((port) => outputs.flatMap((output) => output[port]!));
        expect(flat(runActs(spec(kind, interval), single))).toEqual(flat(runActs(spec(kind, interval), acts)));
      }),
      { numRuns: cases(200) },
    );
  });
});

describe('the kinds of an interval join agree', () => {
  const run = (kind: JoinKind, acts: readonly JoinAct[], interval: IntervalBounds): readonly string[] => resultsOf(runActs(spec(kind, interval), acts));
  const law = (holds: (acts: readonly JoinAct[], interval: Required<IntervalBounds>) => void): void =>
    fc.assert(fc.property(joinActs, bounds, holds), { numRuns: cases(100) });

  it('left is inner and anti', () =>
    law((acts, interval) => {
      expect(run('left', acts, interval)).toEqual([...run('inner', acts, interval), ...run('anti', acts, interval)].sort());
    }));

  it('full is left and what only right has', () =>
    law((acts, interval) => {
      const inner = run('inner', acts, interval).length;
      const [left, right, full] = [run('left', acts, interval), run('right', acts, interval), run('full', acts, interval)];
      expect(full.length).toBe(left.length + right.length - inner);
      expect(texts(rowsOf(full))).toEqual(texts([...rowsOf(left), ...rowsOf(right).filter(([row]) => row === null)]));
    }));

  it('semi and anti share the left rows that were in time', () =>
    law((acts, interval) => {
      let watermark = Number.NEGATIVE_INFINITY;
      const inTime = acts.flatMap((act) => {
        if (act.kind === 'watermark') watermark = Math.max(watermark, act.watermark);
        return act.kind === 'rows' && act.input === 0 ? act.rows.filter(({ at }) => at >= watermark) : [];
      });
      const [semi, anti] = [run('semi', acts, interval), run('anti', acts, interval)];
      expect(texts(rowsOf([...semi, ...anti]).map(([left]) => left))).toEqual(texts(inTime));
    }));

  it('with the inputs exchanged and the bounds mirrored, the pairs are the same', () =>
    law((acts, { between: [from, to], lower, upper }) => {
      const mirrored = { between: [offset(0 - to), offset(0 - from)] as const, lower: upper, upper: lower };
      const exchanged = acts.map((act) => (act.kind === 'rows' ? { ...act, input: 1 - act.input } : act));
      for (const [kind, other] of [['inner', 'inner'], ['left', 'right'], ['full', 'full']] as const) {
        const turned = rowsOf(run(other, exchanged, mirrored)).map(([left, right]) => [right, left]);
        expect(texts(turned)).toEqual(texts(rowsOf(run(kind, acts, { between: [from, to], lower, upper }))));
      }
    }));
});
