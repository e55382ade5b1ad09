import type { Aggregator, Batch, Collector, Key, KeySelector, Operator, OperatorObserver, OperatorSpec, Timestamp, Watermark } from '@weir/model';
import { FORWARD_INPUT, RowBatch } from '@weir/model';
import { resultId } from './result-row.ts';

type Row = Readonly<Record<string, unknown>>;
type Span = { readonly start: Timestamp; readonly end: Timestamp };

/** The two sets of rows that a difference is judged by. */
export const BATCH_ROWS = 0;
export const SPEED_ROWS = 1;

export interface RecomputeOptions {
  readonly key: KeySelector;
  /** The session gap in milliseconds; undefined for windows that do not merge. */
  readonly sessionGap: number | undefined;
  readonly aggregates: Readonly<Record<string, Aggregator>>;
  /** What to recompute: windows by the text of their key; for sessions only the keys matter. */
  readonly wanted: ReadonlyMap<string, readonly Span[]>;
  /** Everything with an event time below has been seen once the watermark is here; results are emitted then. */
  readonly frontier: Watermark;
  /** Whether the layer that is judged by `set` took the row into the window (undefined: the row's own session window). */
  belongs(set: number, partition: number, offset: number, window: Span | undefined): boolean;
  /** Told of each row that is in a window (by result id; for sessions: by key) but does not belong to a set. */
  refused(set: number, id: string): void;
}

interface Kept {
  readonly timestamp: Timestamp;
  readonly partition: number;
  readonly offset: number;
  readonly row: Row;
}

/**
 * Recomputes chosen windows the plain way: keep the rows of the wanted keys, sort, group, fold with the row form of the
 * aggregators. Shares no code with the windowed operators. Emits each result twice at most: with `ResultColumns.indexes` BATCH_ROWS
 * for the rows that the replay had, and SPEED_ROWS for those that the speed layer took. Memory: the rows of the wanted windows.
 */
export function recomputeSpec(options: RecomputeOptions): OperatorSpec {
  return {
    kind: 'recompute',
    inputs: FORWARD_INPUT,
    outputs: ['results', 'late'],
    stateful: true,
    describe: () => ({ kind: 'recompute', detail: `${options.wanted.size} keys` }),
    create: ({ observer }) => new Recompute(options, observer),
  };
}

class Recompute implements Operator {
  readonly #options: RecomputeOptions;
  readonly #observer: OperatorObserver;
  readonly #kept = new Map<Key, Kept[]>();
  #emitted = false;

  constructor(options: RecomputeOptions, observer: OperatorObserver) {
    this.#options = options;
    this.#observer = observer;
  }

  onBatch(batch: Batch): void {
    this.#observer.counted(batch.length);
    const { key: selector, wanted, sessionGap } = this.#options;
    const values = 'field' in selector ? batch.values(selector.field) : undefined;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const row = batch.at(position);
      const key = values === undefined ? (selector as { of: (row: unknown) => Key }).of(row) : (values[position] as Key);
      const spans = wanted.get(String(key));
      if (spans === undefined) continue;
      const timestamp = batch.timestamps[position]!;
      if (sessionGap === undefined && !spans.some((span) => span.start <= timestamp && timestamp < span.end)) continue;
      const kept = { timestamp, partition: batch.origin!.partition, offset: batch.origin!.offsets[position]!, row: { ...(row as Row) } };
      const rows = this.#kept.get(key);
      if (rows === undefined) this.#kept.set(key, [kept]);
      else rows.push(kept);
    }
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (this.#emitted || watermark < this.#options.frontier) return;
    this.#emitted = true;
    for (const set of [BATCH_ROWS, SPEED_ROWS]) {
      const results = [...this.#kept].flatMap(([key, rows]) => this.#resultsOf(set, key, rows));
      if (results.length > 0) out.emit(resultBatch(results, set), 0);
    }
  }

  #resultsOf(set: number, key: Key, rows: readonly Kept[]): Result[] {
    const { sessionGap, wanted } = this.#options;
    const spans = wanted.get(String(key))!;
    if (sessionGap !== undefined) return this.#sessions(set, key, rows, sessionGap);
    return spans.flatMap((span) => {
      const inside = rows.filter((kept) => span.start <= kept.timestamp && kept.timestamp < span.end);
      return this.#fold(key, span, inside.filter((kept) => this.#belongs(set, kept, span, resultId({ key, ...span }))));
    });
  }

  #sessions(set: number, key: Key, rows: readonly Kept[], gap: number): Result[] {
    const mine = rows.filter((kept) => this.#belongs(set, kept, { start: kept.timestamp, end: kept.timestamp + gap }, String(key)));
    const sorted = [...mine].sort((a, b) => a.timestamp - b.timestamp);
    const groups: Kept[][] = [];
    for (const kept of sorted) {
      const group = groups.at(-1);
      if (group !== undefined && kept.timestamp - group.at(-1)!.timestamp <= gap) group.push(kept);
      else groups.push([kept]);
    }
    return groups
      .flatMap((group) => this.#fold(key, { start: group[0]!.timestamp, end: group.at(-1)!.timestamp + gap }, group))
      .filter((result) => result.window.end <= this.#options.frontier);
  }

  #belongs(set: number, { partition, offset }: Kept, window: Span, id: string): boolean {
    const belongs = this.#options.belongs(set, partition, offset, window);
    if (!belongs) this.#options.refused(set, id);
    return belongs;
  }

  #fold(key: Key, window: Span, rows: readonly Kept[]): Result[] {
    if (rows.length === 0) return [];
    const entries = Object.entries(this.#options.aggregates).map(([name, aggregator]) => {
      let accumulator = aggregator.create();
      for (const kept of rows) accumulator = aggregator.add(accumulator, kept.row as never);
      return [name, aggregator.finish(accumulator)] as const;
    });
    return [{ key, window, value: Object.fromEntries(entries) }];
  }
}

interface Result {
  readonly key: Key;
  readonly window: Span;
  readonly value: Readonly<Record<string, unknown>>;
}

function resultBatch(results: readonly Result[], set: number): Batch {
  const pane = { timing: 'on-time', index: set, isFirst: true, isLast: true } as const;
  return new RowBatch(results.map((result) => ({ ...result, pane })), {
    timestamps: Float64Array.from(results, (result) => result.window.end - 1),
    results: {
      step: 'recompute',
      keys: results.map((result) => result.key),
      starts: Float64Array.from(results, (result) => result.window.start),
      ends: Float64Array.from(results, (result) => result.window.end),
      timings: new Uint8Array(results.length).fill(1),
      indexes: new Int32Array(results.length).fill(set),
      lasts: new Uint8Array(results.length).fill(1),
    },
  });
}
