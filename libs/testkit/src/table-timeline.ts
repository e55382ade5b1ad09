import { isDeepStrictEqual } from 'node:util';
import type { Change, Key, Timestamp } from '@weir/model';
import type { Emitted } from './parallel-run.ts';

/** A row that replaces the one under its key, or takes it away where the value is undefined. */
export interface Upsert<Value = unknown> {
  readonly at: Timestamp;
  readonly key: Key;
  readonly value: Value | undefined;
}

/** A table as it is from one instant until the next one. */
export interface TableMoment<Value = unknown> {
  readonly at: Timestamp;
  readonly rows: ReadonlyMap<Key, Value>;
}

/** One row of a changelog. */
export interface TableChange {
  readonly at: Timestamp;
  readonly key: Key;
  readonly value: unknown;
  readonly change: Change;
}

/** The states that upserts make, by time; of equal times the later one in the list wins. A naive fold. */
export function tableTimeline<Value>(upserts: readonly Upsert<Value>[]): readonly TableMoment<Value>[] {
  const times = [...new Set(upserts.map(({ at }) => at))].sort((a, b) => a - b);
  return times.map((at) => {
    const rows = new Map<Key, Value>();
    for (const each of upserts.filter((upsert) => upsert.at <= at).sort((a, b) => a.at - b.at)) {
      if (each.value === undefined) rows.delete(each.key);
      else rows.set(each.key, each.value);
    }
    return { at, rows };
  });
}

/** The rows of a table at a time: those of the last moment that is not later. */
export function rowsAt<Value>(timeline: readonly TableMoment<Value>[], at: Timestamp): ReadonlyMap<Key, Value> {
  return timeline.filter((moment) => moment.at <= at).at(-1)?.rows ?? new Map<Key, Value>();
}

/** The differences between the moments of a table, in one order. */
export function tableChanges(timeline: readonly TableMoment[]): readonly TableChange[] {
  let before: ReadonlyMap<Key, unknown> = new Map();
  const changes: TableChange[] = [];
  for (const { at, rows } of timeline) {
    for (const key of new Set([...before.keys(), ...rows.keys()])) {
      const [from, to] = [before.get(key), rows.get(key)];
      if (!rows.has(key)) changes.push({ at, key, value: from, change: 'delete' });
      else if (!before.has(key)) changes.push({ at, key, value: to, change: 'insert' });
      else if (!isDeepStrictEqual(from, to)) changes.push({ at, key, value: from, change: 'update-before' }, { at, key, value: to, change: 'update-after' });
    }
    before = rows;
  }
  return inOneOrder(changes);
}

/**
 * What a step emitted at its port 0 as changes in one order, after having made sure that they are a valid changelog: nothing is inserted
 * that is there, nothing taken away or replaced but the row that is there. `moves`: a key may leave one instance and enter another in
 * one instant; then what leaves is applied first.
 */
export function changelogOf(emitted: readonly Emitted[], port: string, moves = false): readonly TableChange[] {
  const changes = emitted
    .filter((each) => each.port === port)
    .map(({ row, timestamp, change }) => ({ at: timestamp, change, ...(row as { readonly key: Key; readonly value: unknown }) }));
  const rows = new Map<Key, unknown>();
  const pending = new Set<Key>();
  const inTime = moves ? [...changes].sort((a, b) => a.at - b.at || rank(a.change) - rank(b.change)) : changes;
  for (const { key, value, change } of inTime) {
    const enters = change === 'insert' || change === 'update-after';
    const valid = enters ? !rows.has(key) && pending.has(key) === (change === 'update-after') : rows.has(key) && isDeepStrictEqual(rows.get(key), value);
    if (!valid) throw new Error(`Not a changelog: ${change} of ${JSON.stringify(value)} under ${key}, where ${JSON.stringify(rows.get(key))} is.`);
    if (enters) rows.set(key, value);
    else rows.delete(key);
    if (change === 'update-before') pending.add(key);
    else pending.delete(key);
  }
  if (pending.size > 0) throw new Error(`Not a changelog: ${[...pending].join()} was to be replaced.`);
  return inOneOrder(changes);
}

/** A delete and an insert of one key in one instant as the update that they are. */
export function withMovesJoined(changes: readonly TableChange[]): readonly TableChange[] {
  return inOneOrder(
    changes.flatMap((each): readonly TableChange[] => {
      if (each.change !== 'delete' && each.change !== 'insert') return [each];
      const other = changes.find((candidate) => candidate.at === each.at && candidate.key === each.key && candidate.change === (each.change === 'delete' ? 'insert' : 'delete'));
      if (other === undefined) return [each];
      if (isDeepStrictEqual(other.value, each.value)) return [];
      return [{ ...each, change: each.change === 'delete' ? 'update-before' : 'update-after' }];
    }),
  );
}

function rank(change: Change): number {
  return change === 'delete' ? 0 : change === 'insert' ? 2 : 1;
}

function inOneOrder(changes: readonly TableChange[]): readonly TableChange[] {
  const text = ({ key, change, value }: TableChange): string => JSON.stringify([key, change, value]);
  return [...changes].sort((a, b) => a.at - b.at || (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}
