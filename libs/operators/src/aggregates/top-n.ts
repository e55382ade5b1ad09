import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';
import { ExactSum } from './exact-sum.ts';
import { numberOf, readsOf, selectorText, valueOf } from './value-reader.ts';
import type { NumericField, Selector, ValueField } from './value-reader.ts';

export interface TopNOptions<T> {
  /** How many items the ranking has, at most. */
  readonly n: number;
  /** What is ranked. Rows without it are passed over. */
  readonly item: ValueField<T> | ((row: T) => string | number | null);
  /** What is summed per item. */
  readonly by: NumericField<T> | ((row: T) => number | null);
}

/** One place of a ranking. */
export interface Ranked {
  readonly item: string;
  readonly total: number;
}

interface Entry {
  readonly total: ExactSum;
  rows: number;
}

/** Every item with its sum: a ranking of the first n alone could not be merged. */
export type Scores = Map<string, Entry>;

/** The n items with the largest sums, largest first; equal ones by item, ascending. Exact; memory grows with the distinct items. */
export function topN<T>({ n, item, by }: TopNOptions<T>): Aggregator<T, Scores, readonly Ranked[]> {
  if (!Number.isInteger(n) || n < 1) throw new WeirError('AGGREGATE_TOP_N', `A ranking cannot have ${n} places.`, { remedy: 'Use a whole number of at least 1.' });
  const items = item as Selector<never, string | number | null>;
  const scores = by as Selector<never, number | null>;
  const readItem = valueOf(items);
  const readScore = numberOf(scores);
  return Object.freeze({
    kind: 'top-n',
    describe: `topN(${n}, ${selectorText(items)} by ${selectorText(scores)})`,
    ...readsOf(items, scores),
    create: (): Scores => new Map(),
    add: (held: Scores, row: T) => {
      const value = readItem(row);
      if (value === null) return held;
      const entry = entryOf(held, String(value));
      const score = readScore(row);
      if (!Number.isNaN(score)) entry.total.add(score);
      entry.rows++;
      return held;
    },
    merge: (into: Scores, from: Scores) => {
      for (const [name, { total, rows }] of from) {
        const entry = entryOf(into, name);
        entry.total.merge(total);
        entry.rows += rows;
      }
      return into;
    },
    retract: (into: Scores, from: Scores) => {
      for (const [name, { total, rows }] of from) {
        const entry = entryOf(into, name);
        entry.total.retract(total);
        entry.rows -= rows;
        if (entry.rows === 0) into.delete(name);
      }
      return into;
    },
    finish: (held: Scores) => ranking(held, n),
    write: writeScores,
    read: readScores,
  });
}

function entryOf(scores: Scores, item: string): Entry {
  let entry = scores.get(item);
  if (entry === undefined) {
    entry = { total: new ExactSum(), rows: 0 };
    scores.set(item, entry);
  }
  return entry;
}

/** One pass that keeps the best n so far, sorted: O(items x n) at worst, O(items) when few displace others. */
function ranking(scores: Scores, n: number): readonly Ranked[] {
  const best: Ranked[] = [];
  for (const [item, entry] of scores) {
    const total = entry.total.value();
    const last = best[n - 1];
    if (last !== undefined && !(total > last.total || (total === last.total && item < last.item))) continue;
    let at = Math.min(best.length, n - 1);
    while (at > 0 && (total > best[at - 1]!.total || (total === best[at - 1]!.total && item < best[at - 1]!.item))) {
      best[at] = best[at - 1]!;
      at--;
    }
    best[at] = { item, total };
  }
  return best;
}

function writeScores(scores: Scores, writer: BinaryWriter): void {
  writer.int32(scores.size);
  for (const [item, { total, rows }] of [...scores].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.text(item);
    writer.float64(rows);
    total.write(writer);
  }
}

function readScores(reader: BinaryReader): Scores {
  const scores: Scores = new Map();
  for (let left = reader.int32(); left > 0; left--) {
    const item = reader.text();
    const rows = reader.float64();
    scores.set(item, { total: ExactSum.read(reader), rows });
  }
  return scores;
}
