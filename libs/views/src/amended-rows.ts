import { comparePlaces } from './place-order.ts';
import type { Place } from './place-order.ts';
import { servedRow } from './served-row.ts';
import type { ServedRow } from './served-row.ts';
import type { TableValues } from './announcement.ts';
import { tableColumns } from './table.ts';
import type { View } from './view.ts';
import { frontierOf } from './view-query.ts';
import type { ViewQueryOptions } from './view-query.ts';

/** A row of a view's speed table, by the names of its columns. */
export type SpeedRow = Readonly<Record<string, unknown>>;

/** What was announced of a row, by the names of its columns. */
export function speedRow(view: View, values: TableValues): SpeedRow {
  return Object.fromEntries(tableColumns(view).map(({ name }, index) => [name, values[index]]));
}

/**
 * The answer to a question as it is with some rows more in the speed table: the rule of `viewQuery` in plain code, for aligned windows.
 * The answer is one to the same question, before or after the table has them, or newer ones; but none of them may be older than one that
 * took its result out of the table, as the answer does not show that. Undefined when it cannot be said: where a row leaves the answer, only
 * the table knows which one comes after the last; and what a session may hide is not in the answer.
 * O(a + r log r) for an answer of a rows.
 */
export function amendedRows(view: View, options: ViewQueryOptions, answer: readonly ServedRow[], rows: readonly SpeedRow[]): readonly ServedRow[] | undefined {
  if (view.windows === 'session') return undefined;
  const frontier = frontierOf(options);
  const inOrder = orderOf(options);
  const coming = rows
    .map(placed)
    .filter((each) => (frontier === null || each.end > frontier) && isAskedFor(options, each))
    .sort((a, b) => inOrder(a, b) || b.version - a.version)
    .filter((each, index, sorted) => index === 0 || inOrder(sorted[index - 1]!, each) !== 0);
  const amended: ServedRow[] = [];
  let next = 0;
  for (const each of coming) {
    while (next < answer.length && inOrder(answer[next]!, each) < 0) amended.push(answer[next++]!);
    const present = answer[next] !== undefined && inOrder(answer[next]!, each) === 0 ? answer[next] : undefined;
    if (present !== undefined && present.version >= each.version) continue;
    const complete = Number(each.row['is_last']) === 1 || each.end <= (options.settledUpTo ?? Number.NEGATIVE_INFINITY);
    const isIn = Number(each.row['is_deleted']) !== 1 && (options.finality === 'any' || complete);
    if (present !== undefined && !isIn) return undefined;
    if (present !== undefined) next++;
    if (isIn) amended.push(servedRow(view, { ...each.row, layer: 'speed', complete: complete ? 1 : 0, frontier }));
  }
  return [...amended, ...answer.slice(next)].slice(0, options.limit);
}

interface Placed extends Place {
  readonly version: number;
  readonly row: SpeedRow;
}

function placed(row: SpeedRow): Placed {
  return { end: Number(row['window_end']), start: Number(row['window_start']), key: String(row['result_key']), version: Number(row['version']), row };
}

function isAskedFor({ from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, key, cursor, newestFirst }: ViewQueryOptions, place: Place): boolean {
  return place.start >= from && place.start < to && (key === undefined || place.key === key) && (cursor === undefined || orderOf({ newestFirst })(place, cursor) > 0);
}

function orderOf({ newestFirst = false }: Pick<ViewQueryOptions, 'newestFirst'>): (a: Place, b: Place) => number {
  return newestFirst ? (a, b) => comparePlaces(b, a) : comparePlaces;
}
