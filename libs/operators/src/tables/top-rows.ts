import type { Batch, Collector, Key, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { WeirError } from '@weir/model';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { ChangeOutput } from './change-output.ts';
import { groupOfEntry } from './group-aggregate.ts';
import { GroupRows } from './group-rows.ts';
import type { TouchedRow } from './group-rows.ts';
import { compareKeys } from './key-order.ts';
import type { TableEntry } from './table-entry.ts';
import { DEFAULT_TABLE_LIMIT } from './table-rows.ts';
import { Timeline } from './timeline.ts';

/** What a row is ranked by; rows without one come last. */
export type RankValue = number | string | null | undefined;

/** A row among the first of its group, with its place, counted from 1. */
export interface RankedRow<Row> {
  readonly rank: number;
  readonly row: Row;
}

/** The first rows of each group of a table. */
export interface TopRowsOptions<Row = never> {
  /** The group of a row. */
  readonly group: KeySelector<Row>;
  /** Places in each group; a whole number of at least 1. */
  readonly n: number;
  /** A field, or a pure function of the row. */
  readonly by: string | ((row: Row) => RankValue);
  /** `descending`: the greatest value is first. */
  readonly order: 'ascending' | 'descending';
  /** Rows come as `{ rank, row }`, and a row whose place changes is an update. */
  readonly ranks: boolean;
  /** Rows that the table may have; more throw TABLE_FULL. Default 10,000,000. */
  readonly limit?: number | undefined;
}

/**
 * The first `n` rows of each group, by a value, then by primary key ascending (numbers before texts): so the ranking depends on what
 * the table holds and not on how it came about. All rows are kept, because one that leaves lets the next one in. A change costs
 * O(log of the group) to find its place and a shift of the array behind it. Throws TABLE_TOP_N.
 */
export function topRows<Row>(options: TopRowsOptions<Row>): OperatorSpec {
  const { group, n, by, order, ranks, limit = DEFAULT_TABLE_LIMIT } = options as unknown as TopRowsOptions;
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new WeirError('TABLE_TOP_N', `A ranking of ${n} places is none.`, { remedy: 'Use a whole number of at least 1.' });
  }
  const key = groupOfEntry(group);
  const valueOf = typeof by === 'string' ? (row: unknown) => (row as Record<string, RankValue>)[by] : (by as (row: unknown) => RankValue);
  const detail = `${n} by ${typeof by === 'string' ? by : 'function'}, ${order}, ${'field' in group ? `per ${group.field}` : 'per group by function'}${ranks ? ', with ranks' : ''}`;
  return Object.freeze({
    kind: 'top-rows',
    inputs: [{ name: 'table', distribution: { kind: 'keyed' as const, key } }],
    outputs: ['table'],
    stateful: true,
    describe: () => ({ kind: 'top-rows', detail }),
    create: (context: OperatorContext, restored?: StateReader) =>
      new TopRows({ key, n, by: valueOf, sign: order === 'ascending' ? 1 : -1, ranks, limit }, context, restored),
  });
}

interface Settings {
  readonly key: KeySelector;
  readonly n: number;
  readonly by: (row: unknown) => RankValue;
  readonly sign: 1 | -1;
  readonly ranks: boolean;
  readonly limit: number;
}

interface Item {
  readonly key: Key;
  readonly row: unknown;
  readonly by: RankValue;
}

class TopRows implements Operator {
  readonly #settings: Settings;
  readonly #timeline: Timeline;
  readonly #rows: GroupRows;
  /** All rows of a group in order, by its slot. */
  readonly #rankings: Item[][] = [];
  readonly #changes = new ChangeOutput();

  constructor(settings: Settings, context: OperatorContext, restored?: StateReader) {
    this.#settings = settings;
    this.#rows = new GroupRows(context.step, settings.limit);
    this.#timeline = new Timeline(context, [{ key: settings.key, latePort: undefined }], {
      apply: (waiting) => this.#apply(waiting),
      settle: (instant) => this.#settle(instant),
      holds: (slot) => this.#rows.of(slot) !== undefined,
    });
    if (restored === undefined) return;
    this.#timeline.read(restored);
    this.#rows.read(restored, 'rows', this.#timeline.keys, (slot, key, row) => void (this.#rankings[slot] ??= []).push(this.#item(key, row)));
    for (const ranking of this.#rankings) ranking?.sort((a, b) => this.#compare(a, b));
  }

  onBatch(batch: Batch, out: Collector): void {
    this.#timeline.onBatch(batch, 0, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#timeline.onWatermark(watermark);
    this.#changes.emit(out);
  }

  snapshot(writer: StateWriter): void {
    this.#timeline.write(writer);
    this.#rows.write(writer, 'rows', this.#timeline.keys);
  }

  #apply({ keySlot, row, change }: Waiting): void {
    const { key, value } = row as TableEntry;
    this.#rows.apply(keySlot, key, value, change);
  }

  #settle(instant: Timestamp): void {
    this.#rows.settle((slot, touched) => {
      const ranking = (this.#rankings[slot] ??= []);
      const before = ranking.slice(0, this.#settings.n);
      this.#rerank(ranking, touched, this.#rows.of(slot));
      this.#compareTops(before, ranking);
      if (ranking.length === 0) delete this.#rankings[slot];
    });
    this.#changes.settle(instant);
  }

  #rerank(ranking: Item[], touched: ReadonlyMap<Key, TouchedRow>, rows: ReadonlyMap<Key, unknown> | undefined): void {
    for (const [key, { before }] of touched) {
      if (before !== undefined) ranking.splice(this.#placeOf(ranking, this.#item(key, before)), 1);
      const after = rows?.get(key);
      if (after === undefined) continue;
      const item = this.#item(key, after);
      ranking.splice(this.#placeOf(ranking, item), 0, item);
    }
  }

  #compareTops(before: readonly Item[], ranking: readonly Item[]): void {
    const places = new Map<Key, unknown>();
    for (let place = 0; place < before.length; place++) places.set(before[place]!.key, this.#shown(before[place]!, place));
    const after = Math.min(ranking.length, this.#settings.n);
    for (let place = 0; place < after; place++) {
      const item = ranking[place]!;
      this.#changes.add(item.key, places.get(item.key), this.#shown(item, place));
      places.delete(item.key);
    }
    for (const [key, shown] of places) this.#changes.add(key, shown, undefined);
  }

  #shown(item: Item, place: number): unknown {
    return this.#settings.ranks ? { rank: place + 1, row: item.row } : item.row;
  }

  #item(key: Key, row: unknown): Item {
    return { key, row, by: this.#settings.by(row) };
  }

  /** Where an item is, or would be. */
  #placeOf(ranking: readonly Item[], item: Item): number {
    let low = 0;
    let high = ranking.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(ranking[middle]!, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(a: Item, b: Item): number {
    const missing = Number(isMissing(a.by)) - Number(isMissing(b.by));
    if (missing !== 0) return missing;
    return (isMissing(a.by) ? 0 : this.#settings.sign * compareKeys(a.by as Key, b.by as Key)) || compareKeys(a.key, b.key);
  }
}

function isMissing(value: RankValue): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}
