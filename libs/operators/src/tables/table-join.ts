import type { Batch, Collector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { ChangeOutput } from './change-output.ts';
import type { TableEntry } from './table-entry.ts';
import { TableInput } from './table-input.ts';
import { DEFAULT_TABLE_LIMIT } from './table-rows.ts';
import { Timeline } from './timeline.ts';

/** Which rows a join has besides those that have a partner: none, those of the left table, those of both. */
export type TableJoinKind = 'inner' | 'left' | 'full';

/** A join of two tables on their primary key. */
export interface TableJoinOptions {
  readonly kind: TableJoinKind;
  /** The row of the joined table. Pure; null stands for the partner that is not there. */
  readonly join: (...rows: never) => unknown;
  /** Rows that each of the tables may have; more throw TABLE_FULL. Default 10,000,000. */
  readonly limit?: number | undefined;
}

const LEFT = 0;
const ENTRY_KEY = Object.freeze({ of: (entry: TableEntry) => entry.key });
const KEYED_BY_ENTRY = Object.freeze({ kind: 'keyed' as const, key: ENTRY_KEY });

/** Joins two tables on their primary key: of each instant, both tables as they are at its end. O(1) for each change. */
export function tableJoin({ kind, join, limit = DEFAULT_TABLE_LIMIT }: TableJoinOptions): OperatorSpec {
  return Object.freeze({
    kind: 'table-join',
    inputs: [
      { name: 'left', distribution: KEYED_BY_ENTRY },
      { name: 'right', distribution: KEYED_BY_ENTRY },
    ],
    outputs: ['table'],
    stateful: true,
    describe: () => ({ kind: 'table-join', detail: `${kind}, on the primary key` }),
    create: (context: OperatorContext, restored?: StateReader) => new TableJoin(kind, join as (left: unknown, right: unknown) => unknown, limit, context, restored),
  });
}

class TableJoin implements Operator {
  readonly #kind: TableJoinKind;
  readonly #join: (left: unknown, right: unknown) => unknown;
  readonly #timeline: Timeline;
  readonly #left: TableInput;
  readonly #right: TableInput;
  /** By key slot, the joined row before the instant. */
  readonly #befores = new Map<number, unknown>();
  readonly #changes = new ChangeOutput();

  constructor(kind: TableJoinKind, join: (left: unknown, right: unknown) => unknown, limit: number, context: OperatorContext, restored?: StateReader) {
    this.#kind = kind;
    this.#join = join;
    this.#left = new TableInput(context.step, limit);
    this.#right = new TableInput(context.step, limit);
    const input = { key: ENTRY_KEY, latePort: undefined };
    this.#timeline = new Timeline(context, [input, input], {
      apply: (waiting) => this.#apply(waiting),
      settle: (instant) => this.#settle(instant),
      holds: (slot) => this.#left.at(slot) !== undefined || this.#right.at(slot) !== undefined,
    });
    if (restored === undefined) return;
    this.#timeline.read(restored);
    this.#left.read(restored, 'left', this.#timeline.keys);
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
    this.#left.write(writer, 'left', this.#timeline.keys);
    this.#right.write(writer, 'right', this.#timeline.keys);
  }

  #apply({ keySlot, input, row, change }: Waiting): void {
    if (!this.#befores.has(keySlot)) this.#befores.set(keySlot, this.#joined(keySlot));
    (input === LEFT ? this.#left : this.#right).apply(keySlot, (row as TableEntry).value, change);
  }

  #settle(instant: Timestamp): void {
    for (const [slot, before] of this.#befores) this.#changes.add(this.#timeline.keys.keyAt(slot), before, this.#joined(slot));
    this.#befores.clear();
    this.#left.settle();
    this.#right.settle();
    this.#changes.settle(instant);
  }

  #joined(slot: number): unknown {
    const left = this.#left.at(slot);
    const right = this.#right.at(slot);
    if (left === undefined && (right === undefined || this.#kind !== 'full')) return undefined;
    if (right === undefined && this.#kind === 'inner') return undefined;
    return this.#join(left ?? null, right ?? null);
  }
}
