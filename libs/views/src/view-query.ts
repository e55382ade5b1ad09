import type { Timestamp, Watermark } from '@weir/model';
import { MAX_TIMESTAMP } from '@weir/model';
import type { Cursor } from './cursor.ts';
import { identifier, tableNames } from './table.ts';
import type { Layer } from './table.ts';
import type { View } from './view.ts';

/** Which run owns the windows with `end <= frontier`; everything beyond is the speed layer's. */
export interface OwnedInterval {
  readonly runId: string;
  readonly frontier: Watermark;
}

/** What a client asks of a view. */
export interface ViewQueryOptions {
  /** Null when nothing has been published: all rows are the speed layer's. */
  readonly ownership: OwnedInterval | null;
  /** Windows that start at or after; inclusive. */
  readonly from?: Timestamp | undefined;
  /** Windows that start before; exclusive. */
  readonly to?: Timestamp | undefined;
  readonly key?: string | undefined;
  /** Rows in the answer, at most. */
  readonly limit: number;
  /** Rows after this place only. */
  readonly cursor?: Cursor | undefined;
  /** `final` leaves out the rows that may still change. */
  readonly finality: 'any' | 'final';
  /**
   * Windows of the speed layer that end at or before this are complete too: the job's watermark has passed their end and the
   * view's allowed lateness, and what it wrote until then is durable. Without it only a pane that says so is the last.
   */
  readonly settledUpTo?: Watermark | undefined;
  /** Newest windows first; default oldest first. */
  readonly newestFirst?: boolean | undefined;
}

/** SQL with named ClickHouse parameters, which are always bound and never pasted. */
export interface BoundQuery {
  readonly sql: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/**
 * The one question that merges the layers. Batch rows of the owning run up to the frontier, speed rows beyond it, so each key
 * and window comes from exactly one layer. A session that the speed layer holds beyond the frontier may have begun as one that
 * the run owns; then the run's row gives way, as its events would count twice.
 */
export function viewQuery(view: View, options: ViewQueryOptions): BoundQuery {
  const ownership = pinned(options.ownership);
  const direction = options.newestFirst === true ? 'DESC' : 'ASC';
  const layers = ownership === null ? [speedPart(view, options, false)] : [batchPart(view, options), speedPart(view, options, true)];
  const order = `ORDER BY window_end ${direction}, result_key ${direction}, window_start ${direction}`;
  // A query in a query costs ClickHouse a millisecond to plan.
  const rows = layers.length === 1 ? layers[0]! : `SELECT * FROM (\n${layers.join('\nUNION ALL\n')}\n)`;
  const sql = `${rows}\n${order}\nLIMIT {limit:UInt32}`;
  return { sql, params: parameters(options, ownership) };
}

/** All rows of one layer with `window_end <= upTo`, versions resolved: what the layers are compared by. */
export function layerQuery(view: View, from: { readonly layer: 'speed' } | { readonly layer: 'batch'; readonly runId: string }, upTo: Watermark): BoundQuery {
  const conditions = ['window_end <= {upTo:Int64}', ...(from.layer === 'batch' ? ['run_id = {run:String}'] : [])];
  const sql = `${select(view, from.layer, 'NULL', 'is_last = 1')} WHERE ${conditions.join(' AND ')}\nORDER BY window_end ASC, result_key ASC, window_start ASC`;
  return { sql, params: { upTo: bounded(upTo), ...(from.layer === 'batch' ? { run: from.runId } : {}) } };
}

/** Up to which end windows are the batch layer's in the answer to a question; null while nothing is. */
export function frontierOf({ ownership }: Pick<ViewQueryOptions, 'ownership'>): number | null {
  const owned = pinned(ownership);
  return owned === null ? null : bounded(owned.frontier);
}

/** A frontier before all time owns nothing. */
function pinned(ownership: OwnedInterval | null): OwnedInterval | null {
  return ownership === null || ownership.frontier === Number.NEGATIVE_INFINITY ? null : ownership;
}

function batchPart(view: View, options: ViewQueryOptions): string {
  const conditions = ['run_id = {run:String}', 'window_end <= {frontier:Int64}', ...filters(options)];
  if (view.windows === 'aligned') return `${select(view, 'batch', '{frontier:Int64}', '1')} WHERE ${conditions.join(' AND ')}`;
  // Every speed session asked for ends beyond the frontier, so the earliest start decides whether one of them overlaps.
  const live = [
    `SELECT result_key, min(window_start) AS live_start, 1 AS live FROM ${identifier(tableNames(view).speed)} FINAL`,
    `WHERE window_end > {frontier:Int64}${options.key === undefined ? '' : ' AND result_key = {key:String}'} GROUP BY result_key`,
  ].join(' ');
  return `${select(view, 'batch', '{frontier:Int64}', '1')} LEFT JOIN (${live}) AS sessions USING (result_key) WHERE ${conditions.join(' AND ')} AND NOT (live = 1 AND live_start < window_end)`;
}

function speedPart(view: View, options: ViewQueryOptions, owned: boolean): string {
  const complete = options.settledUpTo === undefined ? 'is_last = 1' : '(is_last = 1 OR window_end <= {settled:Int64})';
  const conditions = [
    ...(owned ? ['window_end > {frontier:Int64}'] : []),
    ...(options.finality === 'final' ? [complete] : []),
    ...filters(options),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `${select(view, 'speed', owned ? '{frontier:Int64}' : 'NULL', complete)}${where}`;
}

function select(view: View, layer: Layer, frontier: string, complete: string): string {
  const columns = [
    `'${layer}' AS layer`,
    'result_key',
    'window_start',
    'window_end',
    ...view.schema.fields.map((field) => identifier(field.name)),
    'pane_timing',
    'pane_index',
    'version',
    'is_last',
    `toUInt8(${complete}) AS complete`,
    'watermark',
    `CAST(${frontier}, 'Nullable(Int64)') AS frontier`,
    'run_id',
    'code_version',
  ];
  return `SELECT ${columns.join(', ')} FROM ${identifier(tableNames(view)[layer])} FINAL`;
}

function filters(options: ViewQueryOptions): readonly string[] {
  const after = options.newestFirst === true ? '<' : '>';
  return [
    // The second condition follows from the first; it lets the sorting key skip.
    ...(options.from === undefined ? [] : ['window_start >= {from:Int64}', 'window_end > {from:Int64}']),
    ...(options.to === undefined ? [] : ['window_start < {to:Int64}']),
    ...(options.key === undefined ? [] : ['result_key = {key:String}']),
    ...(options.cursor === undefined ? [] : [`(window_end, result_key, window_start) ${after} ({cursorEnd:Int64}, {cursorKey:String}, {cursorStart:Int64})`]),
  ];
}

function parameters(options: ViewQueryOptions, ownership: OwnedInterval | null): Record<string, string | number> {
  return {
    limit: options.limit,
    ...(ownership === null ? {} : { run: ownership.runId, frontier: bounded(ownership.frontier) }),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.to === undefined ? {} : { to: options.to }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.settledUpTo === undefined ? {} : { settled: bounded(options.settledUpTo) }),
    ...(options.cursor === undefined
      ? {}
      : { cursorEnd: options.cursor.end, cursorKey: options.cursor.key, cursorStart: options.cursor.start }),
  };
}

/** Window bounds are instants, so the end of input may be written as the last one. */
function bounded(watermark: Watermark): number {
  return Math.max(-MAX_TIMESTAMP, Math.min(MAX_TIMESTAMP, Math.floor(watermark)));
}
