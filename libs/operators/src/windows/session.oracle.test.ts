import { MAX_WATERMARK, keyGroupOf, milliseconds } from '@weir/model';
import { OperatorRun } from '@weir/testkit';
import type { Firing } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterWatermark, count, distinct, every, session, sum, windowAggregate } from '../index.ts';
import type { Accumulation } from '../index.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 400) };

interface Row {
  readonly at: number;
  readonly key: string;
  readonly amount: number;
  readonly item: string;
}

interface Shape {
  readonly gap: number;
  readonly lateness: number;
  readonly accumulation: Accumulation;
  readonly early: number | undefined;
}

type Act = { readonly rows: readonly Row[] } | { readonly watermark: number } | { readonly tick: number };

interface Held {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /** All rows; and those that have not been fired, for discarding. */
  readonly rows: readonly Row[];
  unfired: readonly Row[];
  firings: number;
  touched: boolean;
  inBatch: boolean;
}

/** Session windows the plain way: a row makes a session of its own, which is then joined with those that it touches. */
class NaiveSessions {
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

  get held(): readonly Held[] {
    return this.#held;
  }

  act(act: Act): readonly Firing[] {
    if ('watermark' in act) return this.#advance(act.watermark);
    if ('tick' in act) return this.#tick(act.tick);
    const withdrawn = act.rows.flatMap((row) => this.#take(row));
    const fired = this.#fire(this.#held.filter(({ inBatch, end }) => inBatch && end < this.#watermark), 'late');
    for (const held of this.#held) held.inBatch = false;
    return [...withdrawn, ...fired];
  }

  #take(row: Row): readonly Firing[] {
    const { gap, lateness, accumulation } = this.#shape;
    const own = { start: row.at, end: row.at + gap };
    const joined = this.#held.filter((held) => held.key === row.key && held.start <= own.end && own.start <= held.end);
    const start = Math.min(own.start, ...joined.map((held) => held.start));
    const end = Math.max(own.end, ...joined.map((held) => held.end));
    if (this.#watermark > end + lateness) {
      this.late.push(row);
      this.books.late++;
      this.rejected.push({ row, key: row.key, ...own });
      return [];
    }
    this.books.counted++;
    const changed = joined.filter((held) => held.firings > 0 && (held.start !== start || held.end !== end));
    const same = joined.find((held) => held.start === start && held.end === end);
    this.#held = this.#held.filter((held) => !joined.includes(held));
    this.#held.push({
      key: row.key,
      start,
      end,
      rows: [...joined.flatMap((held) => held.rows), row],
      unfired: [...joined.flatMap((held) => held.unfired), row],
      firings: same?.firings ?? 0,
      touched: true,
      inBatch: true,
    });
    if (accumulation === 'discarding') return [];
    return changed.map((held) => ({
      key: held.key,
      start: held.start,
      end: held.end,
      timing: held.end < this.#watermark ? 'late' : 'early',
      index: held.firings,
      isLast: true,
      isDelete: true,
      value: undefined,
    }));
  }

  #advance(watermark: number): readonly Firing[] {
    if (watermark <= this.#watermark) return [];
    const before = this.#watermark;
    this.#watermark = watermark;
    const fired = this.#fire(this.#held.filter(({ end }) => end >= before && end < watermark), 'on-time');
    this.#held = this.#held.filter(({ end }) => end + this.#shape.lateness >= watermark);
    return fired;
  }

  #tick(now: number): readonly Firing[] {
    const { early } = this.#shape;
    if (early === undefined) return [];
    if (this.#lastTick === undefined) this.#lastTick = now;
    if (now - this.#lastTick < early) return [];
    this.#lastTick = now;
    return this.#fire(this.#held.filter(({ end, touched }) => touched && end >= this.#watermark), 'early');
  }

  #fire(held: readonly Held[], timing: Firing['timing']): readonly Firing[] {
    const { lateness, accumulation } = this.#shape;
    const due = accumulation === 'discarding' ? held.filter(({ unfired }) => unfired.length > 0) : held;
    return due.map((each) => {
      const rows = accumulation === 'discarding' ? each.unfired : each.rows;
      const value = { rows: rows.length, amount: rows.reduce((total, row) => total + row.amount, 0), items: new Set(rows.map(({ item }) => item)).size };
      const firing = { key: each.key, start: each.start, end: each.end, timing, index: each.firings, isLast: this.#watermark > each.end + lateness, isDelete: false, value };
      each.firings++;
      each.touched = false;
      each.unfired = [];
      return firing;
    });
  }
}

const shape: fc.Arbitrary<Shape> = fc.record({
  gap: fc.integer({ min: 1, max: 6 }),
  lateness: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 })),
  accumulation: fc.constantFrom<Accumulation>('accumulating', 'discarding'),
  early: fc.constantFrom(undefined, 1, 3),
});

const row: fc.Arbitrary<Omit<Row, 'at'>> = fc.record({ key: fc.constantFrom('a', 'b'), amount: fc.integer({ min: -3, max: 9 }), item: fc.constantFrom('x', 'y', 'z') });

const acts: fc.Arbitrary<readonly Act[]> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.array(fc.record({ row, back: fc.integer({ min: -10, max: 35 }) }), { maxLength: 5 }) },
      { weight: 3, arbitrary: fc.record({ watermarkBack: fc.integer({ min: -4, max: 15 }) }) },
      { weight: 1, arbitrary: fc.record({ jump: fc.integer({ min: 20, max: 60 }) }) },
      { weight: 1, arbitrary: fc.constant('tick' as const) },
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((drawn) => {
    let now = -40;
    return drawn.map((each, index): Act => {
      if (each === 'tick') return { tick: index };
      if (Array.isArray(each)) {
        now += 3;
        return { rows: each.map(({ row: made, back }) => ({ ...made, at: now - back })) };
      }
      if ('jump' in each) now += each.jump;
      return { watermark: 'jump' in each ? now : now - each.watermarkBack };
    });
  });

function runOf({ gap, lateness, accumulation, early }: Shape, options: ConstructorParameters<typeof OperatorRun<Row>>[1] = {}): OperatorRun<Row> {
  const spec = windowAggregate<Row>({
    key: { field: 'key' },
    assigner: session(milliseconds(gap)),
    allowedLateness: milliseconds(lateness),
    trigger: early === undefined ? afterWatermark() : afterWatermark({ early: every(milliseconds(early)) }),
    accumulation,
    aggregators: { rows: count(), amount: sum('amount'), items: distinct('item') },
  });
  return new OperatorRun<Row>(spec, options);
}

function apply(run: OperatorRun<Row>, act: Act): void {
  if ('rows' in act) run.push(...act.rows);
  else if ('watermark' in act) run.watermark(act.watermark);
  else run.tick(act.tick);
}

/** What a withdrawal says of the value is not promised. Withdrawals first, as they have to come before what replaces them. */
function inOrder(firings: readonly Firing[]): readonly Firing[] {
  return firings
    .map((firing) => (firing.isDelete ? { ...firing, value: undefined } : firing))
    .sort((a, b) => Number(b.isDelete) - Number(a.isDelete) || a.end - b.end || a.start - b.start || (a.key < b.key ? -1 : 1));
}

const END: Act = { watermark: MAX_WATERMARK };

describe('session windows equal sessions that keep their rows', () => {
  it('in every firing, withdrawal, late row, refusal and count', () => {
    fc.assert(
      fc.property(shape, acts, (chosen, all) => {
        const run = runOf(chosen, { wantsRejections: true });
        const naive = new NaiveSessions(chosen);
        for (const act of [...all, END]) {
          apply(run, act);
          const firings = run.firings();
          expect(inOrder(firings)).toEqual(inOrder(naive.act(act)));
          const kept = firings.filter(({ isDelete }) => !isDelete).map(({ end }) => end);
          expect(kept).toEqual(kept.toSorted((a, b) => a - b));
          expect(firings.slice(firings.length - kept.length).every(({ isDelete }) => !isDelete)).toBe(true);
        }
        expect(run.late()).toEqual(naive.late);
        expect(run.rejected).toEqual(naive.rejected);
        expect(run.books).toEqual(naive.books);
      }),
      RUNS,
    );
  });

  it('and what stands at the end is what sorting the rows gives, when none was refused', () => {
    fc.assert(
      fc.property(shape, fc.array(fc.array(fc.record({ row, at: fc.integer({ min: -60, max: 60 }) }), { maxLength: 5 }), { maxLength: 20 }), fc.array(fc.integer({ min: -60, max: 60 })), (chosen, batches, watermarks) => {
        const run = runOf({ ...chosen, accumulation: 'accumulating', lateness: 1_000 });
        const rows = batches.map((batch) => batch.map(({ row: made, at }) => ({ ...made, at })));
        for (const [index, batch] of rows.entries()) {
          run.push(...batch);
          run.tick(index);
          if (watermarks[index] !== undefined) run.watermark(watermarks[index]);
        }
        run.watermark(MAX_WATERMARK);
        expect(standing(run.firings())).toEqual(sessionsOf(rows.flat(), chosen.gap));
      }),
      RUNS,
    );
  });

  it('and when firings discard, every row that was taken is in exactly one of them', () => {
    fc.assert(
      fc.property(shape, acts, (chosen, all) => {
        const run = runOf({ ...chosen, accumulation: 'discarding' });
        for (const act of [...all, END]) apply(run, act);
        const firings = run.firings();
        expect(firings.filter(({ isDelete }) => isDelete)).toEqual([]);
        expect(firings.reduce((total, { value }) => total + (value as { rows: number }).rows, 0)).toBe(run.books.counted);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
  });
});

type Standing = Readonly<Record<string, number>>;

/** Rows of each session that was fired and not withdrawn, the newest firing counting. */
function standing(firings: readonly Firing[]): Standing {
  const held: Record<string, number> = {};
  for (const { key, start, end, isDelete, value } of firings) {
    const id = `${key} ${start} ${end}`;
    if (isDelete) delete held[id];
    else held[id] = (value as { rows: number }).rows;
  }
  return held;
}

function sessionsOf(rows: readonly Row[], gap: number): Standing {
  const found: Record<string, number> = {};
  for (const key of new Set(rows.map((each) => each.key))) {
    const times = rows
      .filter((each) => each.key === key)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    let first = 0;
    times.forEach((time, index) => {
      const next = times[index + 1];
      if (next !== undefined && next - time <= gap) return;
      found[`${key} ${times[first]!} ${time + gap}`] = index - first + 1;
      first = index + 1;
    });
  }
  return found;
}

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
        }
        expect(parts.snapshot()).toEqual(whole.snapshot());
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
        for (const [index, act] of [...all, END].entries()) {
          if (index === first) tasks = halves.map((owns) => runOf(chosen, { restored: [tasks[0]!.snapshot()], owns }));
          if (index === first + 1 + second) tasks = [runOf(chosen, { restored: tasks.map((task) => task.snapshot()) })];
          apply(whole, act);
          for (const [task, run] of tasks.entries()) {
            apply(run, 'rows' in act && tasks.length > 1 ? { rows: act.rows.filter((each) => halves[task]!(keyGroupOf(each.key))) } : act);
          }
          expect(inOrder(tasks.flatMap((task) => task.firings()))).toEqual(inOrder(whole.firings()));
        }
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
  });

  it('finds no state left when all sessions have expired', () => {
    fc.assert(
      fc.property(shape, acts, (chosen, all) => {
        const run = runOf(chosen);
        for (const act of [...all, END]) apply(run, act);
        const empty = runOf(chosen);
        empty.watermark(MAX_WATERMARK);
        expect(run.snapshot().length).toBe(empty.snapshot().length);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });
});
