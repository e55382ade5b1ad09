import type { Batch, Collector, Key, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { ChangeOutput } from './change-output.ts';
import { GroupRows } from './group-rows.ts';
import type { TouchedRow } from './group-rows.ts';
import { compareKeys } from './key-order.ts';
import type { TableEntry } from './table-entry.ts';
import { TableInput } from './table-input.ts';
import { DEFAULT_TABLE_LIMIT } from './table-rows.ts';
import { Timeline } from './timeline.ts';

/** A join of a table, by a key that its rows name, with the primary key of another. */
export interface ForeignKeyJoinOptions<Left = never> {
  /** `left` keeps the rows of the left table that name a row which is not there, or none. */
  readonly kind: 'inner' | 'left';
  /** The primary key of the right table that a left row names; null when it names none. Pure. */
  readonly foreignKey: (left: Left) => Key | null | undefined;
  /** The row of the joined table, which stands under the primary key of the left one. Pure; null stands for the partner that is not there. */
  readonly join: (...rows: never) => unknown;
  /** Rows that each of the tables may have; more throw TABLE_FULL. Default 10,000,000. */
  readonly limit?: number | undefined;
}

const LEFT = 0;

/**
 * Joins two tables on a foreign key (what KIP-213 gives, from its own instants): both are distributed by it, so a left row that names
 * another row moves, and its joined row leaves one group as it enters another in the same instant. A change of a right row costs as
 * much as it has left rows, that of a left row O(1).
 */
export function foreignKeyJoin<Left>(options: ForeignKeyJoinOptions<Left>): OperatorSpec {
  const { kind, foreignKey, join, limit = DEFAULT_TABLE_LIMIT } = options as ForeignKeyJoinOptions<unknown>;
  // Rows that name none are spread by their own key; they meet nobody wherever they are.
  const leftKey: KeySelector = { of: (entry: TableEntry) => foreignKey(entry.value) ?? entry.key };
  const rightKey: KeySelector = { of: (entry: TableEntry) => entry.key };
  return Object.freeze({
    kind: 'foreign-key-join',
    inputs: [
      { name: 'left', distribution: { kind: 'keyed' as const, key: leftKey } },
      { name: 'right', distribution: { kind: 'keyed' as const, key: rightKey } },
    ],
    outputs: ['table'],
    stateful: true,
    describe: () => ({ kind: 'foreign-key-join', detail: `${kind}, by function` }),
    create: (context: OperatorContext, restored?: StateReader) =>
      new ForeignKeyJoin({ kind, foreignKey, join: join as Join, limit }, [leftKey, rightKey], context, restored),
  });
}

type Join = (left: unknown, right: unknown) => unknown;
type Options = Required<ForeignKeyJoinOptions<unknown>> & { readonly join: Join; readonly limit: number };

class ForeignKeyJoin implements Operator {
  readonly #options: Options;
  readonly #timeline: Timeline;
  readonly #lefts: GroupRows;
  readonly #right: TableInput;
  /** By key slot, the right row before the instant, where the instant touched it. */
  readonly #rightBefores = new Map<number, unknown>();
  readonly #changes = new ChangeOutput();

  constructor(options: Options, [leftKey, rightKey]: readonly [KeySelector, KeySelector], context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#lefts = new GroupRows(context.step, options.limit);
    this.#right = new TableInput(context.step, options.limit);
    const inputs = [leftKey, rightKey].map((key) => ({ key, latePort: undefined }));
    this.#timeline = new Timeline(context, inputs, {
      apply: (waiting) => this.#apply(waiting),
      settle: (instant) => this.#settle(instant),
      holds: (slot) => this.#lefts.of(slot) !== undefined || this.#right.at(slot) !== undefined,
    });
    if (restored === undefined) return;
    this.#timeline.read(restored);
    this.#lefts.read(restored, 'lefts', this.#timeline.keys);
    this.#right.read(restored, 'right', this.#timeline.keys);
  }

  onBatch(batch: Batch, out: Collector, input: number): void {
    this.#timeline.onBatch(batch, input, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#timeline.onWatermark(watermark);
    this.#changes.emit(out);
  }

  snapshot(writer: StateWriter): void {
    this.#timeline.write(writer);
    this.#lefts.write(writer, 'lefts', this.#timeline.keys);
    this.#right.write(writer, 'right', this.#timeline.keys);
  }

  #apply({ keySlot, input, row, change }: Waiting): void {
    const { key, value } = row as TableEntry;
    if (input === LEFT) this.#lefts.apply(keySlot, key, value, change);
    else {
      if (!this.#rightBefores.has(keySlot)) this.#rightBefores.set(keySlot, this.#right.at(keySlot));
      this.#right.apply(keySlot, value, change);
    }
  }

  #settle(instant: Timestamp): void {
    const moved = new Map<number, ReadonlyMap<Key, TouchedRow>>();
    this.#lefts.settle((slot, touched) => moved.set(slot, touched));
    for (const [slot, touched] of moved) this.#settleLefts(slot, touched);
    for (const slot of this.#rightBefores.keys()) this.#settleRight(slot, moved.get(slot));
    this.#rightBefores.clear();
    this.#right.settle();
    this.#changes.settle(instant);
  }

  #settleLefts(slot: number, touched: ReadonlyMap<Key, TouchedRow>): void {
    const right = this.#right.at(slot);
    const rightBefore = this.#rightBefores.has(slot) ? this.#rightBefores.get(slot) : right;
    const rows = this.#lefts.of(slot);
    for (const [key, { before }] of touched) this.#changes.add(key, this.#joined(before, rightBefore), this.#joined(rows?.get(key), right));
  }

  /** The left rows of a right row that changed, but for those that the instant touched itself. */
  #settleRight(slot: number, touched: ReadonlyMap<Key, TouchedRow> | undefined): void {
    const right = this.#right.at(slot);
    const rightBefore = this.#rightBefores.get(slot);
    const rows = [...(this.#lefts.of(slot) ?? [])].filter(([key]) => touched?.has(key) !== true);
    for (const [key, left] of rows.sort(([a], [b]) => compareKeys(a, b))) this.#changes.add(key, this.#joined(left, rightBefore), this.#joined(left, right));
  }

  #joined(left: unknown, right: unknown): unknown {
    if (left === undefined) return undefined;
    const { foreignKey, kind, join } = this.#options;
    const partner = foreignKey(left) === null || foreignKey(left) === undefined ? undefined : right;
    return partner === undefined && kind === 'inner' ? undefined : join(left, partner ?? null);
  }
}
