import type { Batch, Collector, Duration, Key, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Watermark } from '@weir/model';
import { durationText, keyGroupOf } from '@weir/model';
import { RowOutput } from '../rows/row-output.ts';
import type { Waiting } from '../rows/event-time-buffer.ts';
import type { TableEntry } from './table-entry.ts';
import { DEFAULT_TABLE_LIMIT } from './table-rows.ts';
import { Timeline } from './timeline.ts';
import { Versions } from './versions.ts';

/** A join of the rows of a stream with the row of a table that was valid at their time. */
export interface TemporalJoinOptions<Row = never> {
  /** `left` keeps rows that meet no version. */
  readonly kind: 'inner' | 'left';
  /** The primary key of the table that a row of the stream means. */
  readonly key: KeySelector<Row>;
  /** What comes out. Pure; null stands for the version that is not there. */
  readonly join: (...rowAndVersion: never) => unknown;
  /** Versions are kept, and rows still joined, until the watermark has passed them by this; output is held back by it. Default 0. */
  readonly allowedLateness?: Duration | undefined;
  /** Versions that may be kept; more throw TABLE_FULL. Default 10,000,000. */
  readonly limit?: number | undefined;
}

/** A join of the rows of a stream with a table that every instance has all of. */
export interface LookupJoinOptions<Row = never> extends Omit<TemporalJoinOptions<Row>, 'key'> {
  /** The primary key of the table that a row means; null when it means none. Pure. */
  readonly key: (row: Row) => Key | null | undefined;
}

/** Port of the rows that were behind the watermark, lateness included. */
const JOIN_LATE = 1;
const STREAM = 0;
const ENTRY_KEY = Object.freeze({ of: (entry: TableEntry) => entry.key });

/**
 * Each row of the stream sees the version of the table that is valid at its own time: the last one at or before it, so a change of the
 * table comes before a row of the same instant. Rows wait until the watermark of both inputs has passed them, so nothing that comes
 * later can change what they see; versions are kept as long as a row may still ask for them.
 */
export function temporalJoin<Row>(options: TemporalJoinOptions<Row>): OperatorSpec {
  const { key } = options as TemporalJoinOptions;
  const detail = `${options.kind}, ${'field' in key ? `by ${key.field}` : 'by function'}, as of event time${latenessText(options.allowedLateness)}`;
  const inputs = [
    { name: 'stream', distribution: { kind: 'keyed' as const, key } },
    { name: 'table', distribution: { kind: 'keyed' as const, key: ENTRY_KEY } },
  ];
  return joinSpec('temporal-join', detail, inputs, { ...settingsOf(options as unknown as TemporalJoinOptions), key, isMeant: () => true, broadcast: false });
}

/** The same join where the stream stays where it is and every instance has the whole table, which is broadcast. */
export function lookupJoin<Row>(options: LookupJoinOptions<Row>): OperatorSpec {
  const keyOf = options.key as (row: unknown) => Key | null | undefined;
  const inputs = [
    { name: 'stream', distribution: { kind: 'forward' as const } },
    { name: 'table', distribution: { kind: 'broadcast' as const } },
  ];
  const detail = `${options.kind}, by function, as of event time${latenessText(options.allowedLateness)}`;
  const isMeant = (row: unknown): boolean => (keyOf(row) ?? undefined) !== undefined;
  // A row that means no key waits under an empty one; it meets nothing.
  const key: KeySelector = { of: (row: unknown) => keyOf(row) ?? '' };
  return joinSpec('lookup-join', detail, inputs, { ...settingsOf(options as unknown as TemporalJoinOptions), key, isMeant, broadcast: true });
}

interface Settings {
  readonly isLeft: boolean;
  readonly key: KeySelector;
  readonly isMeant: (row: unknown) => boolean;
  readonly join: (row: unknown, version: unknown) => unknown;
  readonly lateness: number;
  readonly limit: number;
  readonly broadcast: boolean;
}

function settingsOf({ kind, join, allowedLateness, limit }: Omit<TemporalJoinOptions, 'key'>): Pick<Settings, 'isLeft' | 'join' | 'lateness' | 'limit'> {
  return { isLeft: kind === 'left', join: join as (row: unknown, version: unknown) => unknown, lateness: allowedLateness ?? 0, limit: limit ?? DEFAULT_TABLE_LIMIT };
}

function latenessText(lateness: Duration | undefined): string {
  return lateness === undefined ? '' : `, lateness ${durationText(lateness)}`;
}

function joinSpec(kind: string, detail: string, inputs: OperatorSpec['inputs'], settings: Settings): OperatorSpec {
  return Object.freeze({
    kind,
    inputs,
    outputs: ['results', 'late'],
    stateful: true,
    passes: [{ input: STREAM, port: JOIN_LATE }],
    describe: () => ({ kind, detail }),
    create: (context: OperatorContext, restored?: StateReader) => new TemporalJoin(settings, context, restored),
  });
}

class TemporalJoin implements Operator {
  readonly #settings: Settings;
  readonly #context: OperatorContext;
  readonly #timeline: Timeline;
  readonly #versions: Versions;
  readonly #output = new RowOutput();

  constructor(settings: Settings, context: OperatorContext, restored?: StateReader) {
    this.#settings = settings;
    this.#context = context;
    this.#versions = new Versions(context.step, settings.limit);
    this.#timeline = new Timeline(context, [{ key: settings.key, latePort: JOIN_LATE, lateness: settings.lateness }], {
      apply: (waiting) => this.#join(waiting),
      holds: () => false,
    });
    if (restored === undefined) return;
    this.#timeline.read(restored);
    // Instances may have forgotten up to different times, so a broadcast table is what all of them still know.
    for (const section of settings.broadcast ? restored.operators('versions') : restored.keyed('versions')) this.#versions.read(section);
    this.#versions.prune(this.outputWatermark());
  }

  onBatch(batch: Batch, out: Collector, input: number): void {
    if (input === STREAM) {
      this.#timeline.onBatch(batch, STREAM, out);
      this.#output.emit(out);
    } else {
      for (let i = 0; i < batch.length; i++) this.#take(batch, batch.rows[i]!);
      this.#context.observer.counted(batch.length);
    }
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#timeline.onWatermark(watermark);
    this.#output.emit(out);
    this.#versions.prune(this.outputWatermark());
  }

  /** Late rows that are still taken come out with their own time. */
  outputWatermark(): Watermark {
    return this.#timeline.watermark - this.#settings.lateness;
  }

  snapshot(writer: StateWriter): void {
    this.#timeline.write(writer);
    const { broadcast } = this.#settings;
    this.#versions.write((key) => (broadcast ? writer.operator('versions') : writer.keyed('versions', keyGroupOf(key))));
  }

  #take(batch: Batch, position: number): void {
    const { key, value } = batch.at(position) as TableEntry;
    this.#versions.apply(key, batch.timestamps[position]!, value, batch.changes?.[position] ?? 0);
  }

  #join({ keySlot, row, timestamp, change }: Waiting): void {
    const { isMeant, isLeft, join } = this.#settings;
    const version = isMeant(row) ? this.#versions.at(this.#timeline.keys.keyAt(keySlot), timestamp) : undefined;
    if (version !== undefined || isLeft) this.#output.add(join(row, version ?? null), timestamp, change);
  }
}
