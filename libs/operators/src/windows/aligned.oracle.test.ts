import { MAX_WATERMARK, keyGroupOf, milliseconds } from '@weir/model';
import { OperatorRun } from '@weir/testkit';
import type { Firing } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterWatermark, count, distinct, every, hopping, max, sum, topN, windowAggregate } from '../index.ts';
import type { Accumulation } from '../index.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 400) };

interface Row {
  readonly at: number;
  readonly key: string;
  readonly amount: number;
  readonly item: string;
  readonly id: number;
}

interface Shape {
  readonly size: number;
  readonly slide: number;
  readonly offset: number;
  readonly lateness: number;
  readonly accumulation: Accumulation;
  readonly early: number | undefined;
  /** Without max every aggregate retracts, so that the running window is used. */
  readonly withMax: boolean;
}

type Act = { readonly rows: readonly Row[] } | { readonly watermark: number } | { readonly tick: number };

interface Held {
  readonly key: string;
  readonly start: number;
  rows: Row[];
  firings: number;
  touched: boolean;
  inBatch: boolean;
}

/** Tumbling and hopping windows the plain way: every window of every key keeps its rows, and all are looked through each time. */
class NaiveWindows {
  readonly #shape: Shape;
  #held: Held[] = [];
  #watermark = Number.NEGATIVE_INFINITY;
  #lastTick: number | undefined;
  readonly late: Row[] = [];
  readonly rejected: { readonly row: Row; readonly key: string; readonly start: number; readonly end: number }[] = [];
  readonly books = { counted: 0, late: 0, filtered: 0 };

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  act(act: Act): readonly Firing[] {
    if ('rows' in act) return this.#push(act.rows);
    return 'watermark' in act ? this.#advance(act.watermark) : this.#tick(act.tick);
  }

  #startsOf(at: number): readonly number[] {
    const { size, slide, offset } = this.#shape;
    const starts: number[] = [];
    for (let n = Math.floor((at - offset) / slide) + 2; offset + n * slide + size >= at; n--) {
      const start = offset + n * slide;
      if (start <= at && at < start + size) starts.push(start);
    }
    return starts.toReversed();
  }

  #push(rows: readonly Row[]): readonly Firing[] {
    const { size, lateness } = this.#shape;
    for (const row of rows) {
      const starts = this.#startsOf(row.at);
      const refused = starts.filter((start) => this.#watermark >= start + size + lateness);
      for (const start of refused) this.rejected.push({ row, key: row.key, start, end: start + size });
      if (refused.length > 0) this.late.push(row);
      if (starts.length === 0) this.books.filtered++;
      else if (refused.length === starts.length) this.books.late++;
      else this.books.counted++;
      for (const start of starts) if (!refused.includes(start)) this.#take(row, start);
    }
    const fired = this.#held.filter((held) => held.inBatch && held.start + size <= this.#watermark);
    for (const held of this.#held) held.inBatch = false;
    return this.#fire(fired, 'late');
  }

  #take(row: Row, start: number): void {
    let held = this.#held.find((each) => each.key === row.key && each.start === start);
    if (held === undefined) {
      held = { key: row.key, start, rows: [], firings: 0, touched: false, inBatch: false };
      this.#held.push(held);
    }
    held.rows.push(row);
    held.touched = held.inBatch = true;
  }

  #advance(watermark: number): readonly Firing[] {
    if (watermark <= this.#watermark) return [];
    const { size, lateness } = this.#shape;
    const before = this.#watermark;
    this.#watermark = watermark;
    const fired = this.#fire(this.#held.filter(({ start }) => start + size > before && start + size <= watermark), 'on-time');
    this.#held = this.#held.filter(({ start }) => start + size + lateness > watermark);
    return fired;
  }

  #tick(now: number): readonly Firing[] {
    const { early, size } = this.#shape;
    if (early === undefined) return [];
    if (this.#lastTick === undefined) this.#lastTick = now;
    if (now - this.#lastTick < early) return [];
    this.#lastTick = now;
    return this.#fire(this.#held.filter(({ start, touched }) => touched && start + size > this.#watermark), 'early');
  }

  #fire(held: readonly Held[], timing: Firing['timing']): readonly Firing[] {
    const { size, lateness, accumulation } = this.#shape;
    const due = accumulation === 'discarding' ? held.filter(({ rows }) => rows.length > 0) : held;
    return due.map((each) => {
      const end = each.start + size;
      const firing = { key: each.key, start: each.start, end, timing, index: each.firings, isLast: this.#watermark >= end + lateness, isDelete: false, value: this.#value(each.rows) };
      each.firings++;
      each.touched = false;
      if (accumulation === 'discarding') each.rows = [];
      return firing;
    });
  }

  #value(rows: readonly Row[]): unknown {
    const totals = new Map<string, number>();
    for (const { item, amount } of rows) totals.set(item, (totals.get(item) ?? 0) + amount);
    const ranked = [...totals].map(([item, total]) => ({ item, total })).sort((a, b) => b.total - a.total || (a.item < b.item ? -1 : 1));
    return {
      rows: rows.length,
      amount: rows.reduce((total, row) => total + row.amount, 0),
      items: totals.size,
      top: ranked.slice(0, 2),
      ...(this.#shape.withMax ? { most: Math.max(...rows.map(({ amount }) => amount)) } : {}),
    };
  }
}

const shape: fc.Arbitrary<Shape> = fc
  .record({
    size: fc.integer({ min: 1, max: 12 }),
    slide: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant('size' as const)),
    offset: fc.integer({ min: 0, max: 20 }),
    lateness: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 15 })),
    accumulation: fc.constantFrom<Accumulation>('accumulating', 'discarding'),
    early: fc.constantFrom(undefined, 1, 3),
    withMax: fc.boolean(),
  })
  .map(({ slide, ...rest }) => ({ ...rest, slide: slide === 'size' ? rest.size : slide }));

const row: fc.Arbitrary<Omit<Row, 'id' | 'at'>> = fc.record({ key: fc.constantFrom('a', 'b', 'c'), amount: fc.integer({ min: -3, max: 9 }), item: fc.constantFrom('x', 'y', 'z') });

/** Times near each other, about zero, with every disorder; watermarks that stand still, creep and jump. */
const acts: fc.Arbitrary<readonly Act[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.record({ row, back: fc.integer({ min: -6, max: 25 }) }), { maxLength: 5 }) },
      { weight: 3, arbitrary: fc.record({ watermarkBack: fc.integer({ min: -4, max: 12 }) }) },
      { weight: 1, arbitrary: fc.record({ jump: fc.integer({ min: 20, max: 200 }) }) },
      { weight: 1, arbitrary: fc.constant('tick' as const) },
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((drawn) => {
    let now = -40;
    let id = 0;
    return drawn.map((each, index): Act => {
      if (each === 'tick') return { tick: index };
      if (Array.isArray(each)) {
        now += 2;
        return { rows: each.map(({ row: made, back }) => ({ ...made, at: now - back, id: id++ })) };
      }
      if ('jump' in each) now += each.jump;
      return { watermark: 'jump' in each ? now : now - each.watermarkBack };
    });
  });

function runOf(chosen: Shape, options: ConstructorParameters<typeof OperatorRun<Row>>[1] = {}): OperatorRun<Row> {
  const { size, slide, offset, lateness, accumulation, early, withMax } = chosen;
  const spec = windowAggregate<Row>({
    key: { field: 'key' },
    assigner: hopping(milliseconds(size), milliseconds(slide), { offset: milliseconds(offset) }),
    allowedLateness: milliseconds(lateness),
    trigger: early === undefined ? afterWatermark() : afterWatermark({ early: every(milliseconds(early)) }),
    accumulation,
    aggregators: {
      rows: count(),
      amount: sum('amount'),
      items: distinct('item'),
      top: topN({ n: 2, item: 'item', by: 'amount' }),
      ...(withMax ? { most: max('amount') } : {}),
    },
  });
  return new OperatorRun<Row>(spec, options);
}

function apply(run: OperatorRun<Row>, act: Act): void {
  if ('rows' in act) run.push(...act.rows);
  else if ('watermark' in act) run.watermark(act.watermark);
  else run.tick(act.tick);
}

/** Windows in order of end are asserted; keys of one window may come in any order. */
const inOrder = (firings: readonly Firing[]): readonly Firing[] => [...firings].sort((a, b) => a.end - b.end || (a.key < b.key ? -1 : 1));

const END: Act = { watermark: MAX_WATERMARK };

describe('tumbling and hopping windows equal windows that keep their rows', () => {
  it('in every firing, late row, refusal and count', () => {
    fc.assert(
      fc.property(shape, acts, (chosen, all) => {
        const run = runOf(chosen, { wantsRejections: true });
        const naive = new NaiveWindows(chosen);
        for (const act of [...all, END]) {
          apply(run, act);
          const firings = run.firings();
          expect(inOrder(firings)).toEqual(inOrder(naive.act(act)));
          expect(firings.map(({ end }) => end)).toEqual(firings.map(({ end }) => end).sort((a, b) => a - b));
        }
        expect(run.late()).toEqual(naive.late);
        expect(run.rejected).toEqual(naive.rejected);
        expect(run.books).toEqual(naive.books);
      }),
      RUNS,
    );
  });

  it('whether or not somebody wants to know of refusals', () => {
    fc.assert(
      fc.property(shape, acts, (chosen, all) => {
        const [silent, told] = [runOf(chosen), runOf(chosen, { wantsRejections: true })];
        for (const act of [...all, END]) {
          apply(silent, act);
          apply(told, act);
          expect(silent.firings()).toEqual(told.firings());
        }
        expect(silent.books).toEqual(told.books);
        expect(silent.rejected).toEqual([]);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });
});

describe('a restart at any moment', () => {
  it('changes no result and no order, and gives the same bytes again', () => {
    fc.assert(
      fc.property(shape, acts, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (chosen, all, restarts) => {
        const whole = runOf(chosen);
        let parts = runOf(chosen);
        for (const [index, act] of [...all, END].entries()) {
          if (restarts[index] === true) {
            const snapshot = parts.snapshot();
            parts = runOf(chosen, { restored: [snapshot] });
            expect(parts.snapshot()).toEqual(snapshot);
          }
          apply(whole, act);
          apply(parts, act);
          expect(parts.firings()).toEqual(whole.firings());
          expect(parts.late()).toEqual(whole.late());
          if (index % 8 === 0) expect(parts.snapshot()).toEqual(whole.snapshot());
        }
      }),
      RUNS,
    );
  });

  it('may be at another parallelism: the key groups are cut and put together anew', () => {
    fc.assert(
      fc.property(shape, acts, fc.nat(40), fc.nat(40), (chosen, all, first, second) => {
        const halves = [0, 1].map((half) => (keyGroup: number) => keyGroup % 2 === half);
        const whole = runOf(chosen);
        let tasks = [runOf(chosen)];
        const route = (act: Act): void => {
          for (const [task, run] of tasks.entries()) {
            const mine = 'rows' in act && tasks.length > 1 ? { rows: act.rows.filter((each) => halves[task]!(keyGroupOf(each.key))) } : act;
            apply(run, mine);
          }
        };
        for (const [index, act] of [...all, END].entries()) {
          if (index === first) {
            const snapshot = tasks[0]!.snapshot();
            if (tasks.length === 1) tasks = halves.map((owns) => runOf(chosen, { restored: [snapshot], owns }));
          }
          if (index === second && tasks.length === 2) tasks = [runOf(chosen, { restored: tasks.map((task) => task.snapshot()) })];
          apply(whole, act);
          route(act);
          expect(inOrder(tasks.flatMap((task) => task.firings()))).toEqual(inOrder(whole.firings()));
        }
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
  });

  it('finds no state left when all windows have expired', () => {
    fc.assert(
      fc.property(shape, acts, (chosen, all) => {
        const run = runOf(chosen);
        for (const act of [...all, END]) apply(run, act);
        const empty = runOf(chosen);
        empty.watermark(MAX_WATERMARK);
        // What is left is the watermark, the time of the last tick and where the running window is: no keys.
        expect(run.snapshot().length).toBe(empty.snapshot().length);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });
});
