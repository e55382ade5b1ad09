import type { Aggregator, KeyTable, SlotTable } from '@weir/model';
import { RowBatch } from '@weir/model';
import { SnapshotReader, SnapshotWriter, createHeapState } from '@weir/state';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AggregateSet } from '../aggregates/aggregate-set.ts';
import { aggregator, distinct, list, max } from '../index.ts';
import { RunningWindow } from './running-window.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { StackedWindow } from './stacked-window.ts';

interface Row {
  readonly id: number;
}

const PANE = 5;
const KEYS = ['a', 'b', 'c'];

type Act =
  | { readonly kind: 'row'; readonly key: number; readonly pane: number }
  | { readonly kind: 'slide'; readonly by: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'restart' };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('row' as const), key: fc.nat(KEYS.length - 1), pane: fc.integer({ min: -3, max: 14 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('slide' as const), by: fc.constantFrom(1, 1, 1, 2, 3, 20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'drop' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** What a windowed step does with its panes, and nothing else of it. */
class Harness {
  readonly #make: (slots: SlotTable, aggregates: AggregateSet) => SlidingWindow;
  readonly #aggregators: Readonly<Record<string, Aggregator<Row>>>;
  #keys!: KeyTable;
  #slots!: SlotTable;
  #aggregates!: AggregateSet;
  #window!: SlidingWindow;
  /** Pane and key of each row that is not dropped. */
  readonly rows: { readonly pane: number; readonly key: number; readonly id: number }[] = [];
  dropped = Number.NEGATIVE_INFINITY;

  constructor(make: (slots: SlotTable, aggregates: AggregateSet) => SlidingWindow, aggregators: Readonly<Record<string, Aggregator<Row>>>) {
    this.#make = make;
    this.#aggregators = aggregators;
    this.#begin();
  }

  #begin(): void {
    const state = createHeapState();
    this.#keys = state.keys('test');
    for (const key of KEYS) this.#keys.obtain(key);
    this.#slots = state.slots('test');
    this.#aggregates = new AggregateSet(this.#aggregators as never);
    this.#window = this.#make(this.#slots, this.#aggregates);
  }

  add(key: number, pane: number): void {
    if (pane <= this.dropped) return;
    const row = { pane, key, id: this.rows.length };
    this.rows.push(row);
    if (this.#put(row) && this.#window.holds(pane)) this.#window.paneOpened(key);
    if (this.#window.mayHold(pane)) this.#window.add(this.#batch(row), Int32Array.of(key), Float64Array.of(pane));
  }

  /** True when the key is new in the pane. */
  #put(row: { readonly pane: number; readonly key: number; readonly id: number }): boolean {
    const slot = this.#slots.obtain(row.key, row.pane);
    const { created } = this.#slots;
    if (created) {
      this.#aggregates.grow(this.#slots.capacity);
      this.#aggregates.reset(slot);
    }
    this.#aggregates.addBatch(Int32Array.of(slot), this.#batch(row));
    return created;
  }

  #batch(row: Row): RowBatch {
    return new RowBatch([row], { timestamps: Float64Array.of(0) });
  }

  #panes(): readonly number[] {
    return [...new Set(this.rows.filter(({ pane }) => pane > this.dropped).map(({ pane }) => pane))].sort((a, b) => a - b);
  }

  /** Results by key of the window [start, end), as visited. */
  slide(start: number, end: number): ReadonlyMap<number, unknown> {
    this.#window.moveTo(start, end, this.#panes());
    return this.results();
  }

  results(): ReadonlyMap<number, unknown> {
    const found = new Map<number, unknown>();
    this.#window.forEach((key, slot) => found.set(key, this.#aggregates.finish(slot)));
    return found;
  }

  of(key: number): unknown {
    const slot = this.#window.find(key);
    return slot < 0 ? undefined : this.#aggregates.finish(slot);
  }

  is(start: number, end: number): boolean {
    return this.#window.is(start, end);
  }

  dropOldest(): void {
    const [oldest] = this.#panes();
    if (oldest === undefined) return;
    this.#window.forget(oldest);
    this.#slots.releaseNamespace(oldest);
    this.dropped = oldest;
  }

  restart(): void {
    const writer = new SnapshotWriter();
    this.#window.write(writer.step('test'), this.#keys);
    const bytes = writer.encode();
    this.#begin();
    for (const row of this.rows) if (row.pane > this.dropped) this.#put(row);
    this.#window.read(new SnapshotReader([bytes]).step('test'), this.#keys, this.#panes());
    const again = new SnapshotWriter();
    this.#window.write(again.step('test'), this.#keys);
    expect(again.encode()).toEqual(bytes);
  }
}

const kinds = [
  ['two stacks', { ids: list<Row, 'id'>('id', { limit: 1_000 }), newest: max<Row>('id') }, (slots: SlotTable, set: AggregateSet) => new StackedWindow(PANE, slots, set)],
  ['one running accumulator', { ids: distinct<Row>('id') }, (slots: SlotTable, set: AggregateSet) => new RunningWindow(slots, set)],
] as const;

describe.each(kinds)('a sliding window by %s', (_, aggregators, make) => {
  it('is what merging all panes of the window gives, also with late rows, dropped panes and restarts', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 7 }), (acts, panes) => {
        const harness = new Harness(make, aggregators as never);
        let start = 0;
        for (const each of acts) {
          if (each.kind === 'row') harness.add(each.key, start + each.pane * PANE);
          else if (each.kind === 'drop') harness.dropOldest();
          else if (each.kind === 'restart') harness.restart();
          else {
            start += each.by * PANE;
            harness.slide(start, start + panes * PANE);
          }
          if (!harness.is(start, start + panes * PANE)) continue;
          const expected = new Map<number, unknown>();
          for (const key of KEYS.keys()) {
            const ids = harness.rows.filter((row) => row.key === key && row.pane > harness.dropped && row.pane >= start && row.pane < start + panes * PANE).map(({ id }) => id);
            if (ids.length === 0) continue;
            expected.set(key, 'newest' in aggregators ? { ids: { values: ids, omitted: 0 }, newest: ids.at(-1) } : { ids: ids.length });
          }
          for (const key of KEYS.keys()) expect(harness.of(key)).toEqual(expected.get(key));
          expect(new Map(harness.results())).toEqual(expected);
        }
      }),
      { numRuns: cases(300) },
    );
  });
});

describe('a sliding window by two stacks', () => {
  it('merges each pane at most three times, and front with back once a window, however many panes a window has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.array(fc.nat(KEYS.length - 1), { maxLength: 3 }), { minLength: 1, maxLength: 120, size: 'max' }), (panes, rows) => {
        let merges = 0;
        const counted = aggregator({ name: 'counted', create: () => ({ n: 0 }), add: (a: { n: number }, _row: Row) => ({ n: a.n + 1 }), merge: (a, b) => (merges++, { n: a.n + b.n }), finish: ({ n }) => n });
        const harness = new Harness((slots, set) => new StackedWindow(PANE, slots, set), { counted } as never);
        for (const [pane, keys] of rows.entries()) for (const key of keys) harness.add(key, pane * PANE);
        let visits = 0;
        for (let end = 1; end <= rows.length; end++) visits += harness.slide((end - panes) * PANE, end * PANE).size;
        const pairs = rows.reduce((total, keys) => total + new Set(keys).size, 0);
        expect(merges).toBeLessThanOrEqual(3 * pairs + 2 * visits);
      }),
      { numRuns: cases(100) },
    );
  });
});
