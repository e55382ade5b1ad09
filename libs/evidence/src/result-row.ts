import type { Key, Timestamp } from '@weir/model';

/** One result as a layer holds it: the newest pane of one key and window. */
export interface ResultRow {
  readonly key: Key;
  /** Inclusive. */
  readonly start: Timestamp;
  /** Exclusive. */
  readonly end: Timestamp;
  /** False while a later firing may still change it. */
  readonly isLast: boolean;
  /** The fields of the view's schema. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The identity of a result inside one view. The keys of one step are all of one type, so the text of the key is enough. */
export function resultId(row: Pick<ResultRow, 'key' | 'start' | 'end'>): string {
  return `${row.key}|${row.start}|${row.end}`;
}

/** The fields in a canonical order, for comparing by value. */
export function canonicalData(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
