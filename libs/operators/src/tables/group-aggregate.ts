import type { Aggregator, Batch, Collector, Duration, Key, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { durationText, isRetraction } from '@weir/model';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { ChangeOutput } from './change-output.ts';
import { Expiries } from './expiries.ts';
import { GroupRows } from './group-rows.ts';
import { Groups } from './groups.ts';
import type { TableEntry } from './table-entry.ts';
import { DEFAULT_TABLE_LIMIT } from './table-rows.ts';
import { Timeline } from './timeline.ts';

/** Aggregates over the rows of a table that share a group. */
export interface GroupAggregateOptions<Row = never> {
  /** The group of a row. */
  readonly group: KeySelector<Row>;
  readonly aggregators: Readonly<Record<string, Aggregator<Row, unknown, unknown>>>;
  /** A group that no change has touched for this long, in event time, is deleted with all its rows; at exactly this age it is gone. Default never. */
  readonly timeToLive?: Duration | undefined;
  /** Rows that are kept, where some must be; more throw TABLE_FULL. Default 10,000,000. */
  readonly limit?: number | undefined;
}

/** Reads the group of an entry of a table from its row. */
export function groupOfEntry(group: KeySelector): KeySelector {
  if ('field' in group) return { of: (entry: TableEntry) => (entry.value as Record<string, Key>)[group.field]! };
  return { of: (entry: TableEntry) => (group.of as (row: unknown) => Key)(entry.value) };
}

/**
 * Aggregates the rows of each group of a table without windows; the result is a table by group, and a group without rows is not in it.
 * A row that leaves is taken out of the aggregates that can retract. For those that cannot, and with a time to live, the rows are
 * kept, and a group that a row left is computed anew from them: O(rows of the group) for each such instant.
 */
export function groupAggregate<Row>(options: GroupAggregateOptions<Row>): OperatorSpec {
  const { group, aggregators, timeToLive, limit = DEFAULT_TABLE_LIMIT } = options as unknown as GroupAggregateOptions;
  const frozen = Object.freeze({ ...aggregators });
  const key = groupOfEntry(group);
  const detail = [
    'field' in group ? `by ${group.field}` : 'by function',
    ...(timeToLive === undefined ? [] : [`time to live ${durationText(timeToLive)}`]),
    Object.entries(frozen)
      .map(([name, aggregator]) => `${name}=${aggregator.describe}`)
      .join(' '),
  ].join(', ');
  return Object.freeze({
    kind: 'group-aggregate',
    inputs: [{ name: 'table', distribution: { kind: 'keyed' as const, key } }],
    outputs: ['table'],
    stateful: true,
    describe: () => ({ kind: 'group-aggregate', detail }),
    create: (context: OperatorContext, restored?: StateReader) => new GroupAggregate({ key, aggregators: frozen, timeToLive, limit }, context, restored),
  });
}

interface Settings {
  readonly key: KeySelector;
  readonly aggregators: Readonly<Record<string, Aggregator>>;
  readonly timeToLive: number | undefined;
  readonly limit: number;
}

class GroupAggregate implements Operator {
  readonly #timeToLive: number | undefined;
  readonly #timeline: Timeline;
  readonly #groups: Groups;
  /** Undefined when every aggregate can take rows out again and no group expires. */
  readonly #rows: GroupRows | undefined;
  readonly #expiries = new Expiries();
  readonly #touched = new Set<number>();
  readonly #changes = new ChangeOutput();

  constructor({ key, aggregators, timeToLive, limit }: Settings, context: OperatorContext, restored?: StateReader) {
    this.#timeToLive = timeToLive;
    this.#groups = new Groups(aggregators);
    this.#rows = this.#groups.retractable && timeToLive === undefined ? undefined : new GroupRows(context.step, limit);
    this.#timeline = new Timeline(context, [{ key, latePort: undefined }], {
      apply: (waiting) => this.#apply(waiting),
      settle: (instant) => this.#settle(instant),
      holds: (slot) => this.#groups.has(slot),
      nextTimer: () => this.#expiries.next,
      onTimer: (instant) => this.#expire(instant),
    });
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    this.#timeline.onBatch(batch, 0, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#timeline.onWatermark(watermark);
    this.#changes.emit(out);
  }

  snapshot(writer: StateWriter): void {
    const { keys } = this.#timeline;
    this.#timeline.write(writer);
    this.#groups.write(writer, 'groups', keys);
    this.#rows?.write(writer, 'rows', keys);
    this.#expiries.write(writer, 'expiries', keys);
  }

  #restore(reader: StateReader): void {
    const { keys } = this.#timeline;
    this.#timeline.read(reader);
    this.#groups.read(reader, 'groups', keys);
    this.#rows?.read(reader, 'rows', keys);
    this.#expiries.read(reader, 'expiries', keys);
  }

  #apply({ keySlot, row, change, timestamp }: Waiting): void {
    const { key, value } = row as TableEntry;
    this.#touched.add(keySlot);
    if (this.#rows !== undefined) this.#rows.apply(keySlot, key, value, change);
    else if (isRetraction(change)) this.#groups.take(keySlot, value);
    else this.#groups.add(keySlot, value);
    if (this.#timeToLive !== undefined) this.#expiries.set(keySlot, timestamp + this.#timeToLive);
  }

  #settle(instant: Timestamp): void {
    this.#rows?.settle((slot, touched) => {
      let left = false;
      const rows = this.#rows!.of(slot);
      for (const [key, { before }] of touched) {
        if (before !== undefined) {
          this.#groups.take(slot, before);
          left = true;
        }
        const after = rows?.get(key);
        if (after !== undefined) this.#groups.add(slot, after);
      }
      if (left && !this.#groups.retractable) this.#groups.compute(slot, rows?.values() ?? []);
    });
    for (const slot of this.#touched) {
      const { before, after } = this.#groups.settle(slot);
      if (after === undefined) this.#expiries.set(slot, Number.NaN);
      this.#changes.add(this.#timeline.keys.keyAt(slot), before, after);
    }
    this.#touched.clear();
    this.#changes.settle(instant);
  }

  #expire(instant: Timestamp): void {
    for (const slot of this.#expiries.take(instant, this.#timeline.keys)) {
      this.#touched.add(slot);
      this.#rows!.clear(slot);
    }
  }
}
