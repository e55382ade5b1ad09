import type { Batch, Change, Collector, Key, Operator, OperatorSpec, Timestamp } from '@weir/model';
import { CHANGES, RowBatch } from '@weir/model';
import fc from 'fast-check';
import type { Scenario, ScenarioRow } from './scenario.ts';
import { tableChanges, tableTimeline } from './table-timeline.ts';
import type { Upsert } from './table-timeline.ts';

/** One row of the changelog of a table as a row of a scenario. */
export interface ChangelogRow<Value = unknown> extends ScenarioRow {
  readonly key: Key;
  readonly value: Value;
  readonly change: Change;
}

export interface ChangelogScenarioOptions<Value, Fields extends object> {
  /** By name and in the order of the spec's inputs: the values of the rows of a table. */
  readonly tables: Readonly<Record<string, fc.Arbitrary<Value>>>;
  /** Primary keys; every table has the same. Default a to d. */
  readonly keys?: fc.Arbitrary<Key>;
  /** Inputs before the tables that are plain rows. */
  readonly streams?: Readonly<Record<string, fc.Arbitrary<Fields>>>;
  /** Rows of each stream and changes of each table; default 16. */
  readonly maxRows?: number;
}

const instant: fc.Arbitrary<Timestamp> = fc.oneof(
  fc.integer({ min: -6, max: 12 }),
  fc.tuple(fc.integer({ min: -2, max: 5 }), fc.constantFrom(-1, 0, 0, 1)).map(([multiple, beside]) => multiple * 10 + beside),
);

/**
 * Valid changelogs, spread over two partitions as two instances of an upstream step would emit them: a key's old row may come by the one
 * and its new row by the other, and either may come first. Streams beside them are rows with ties, duplicates and disorder.
 */
export function changelogScenarios<Value, Fields extends object = never>(options: ChangelogScenarioOptions<Value, Fields>): fc.Arbitrary<Scenario<ChangelogRow<Value> | (Fields & ScenarioRow)>> {
  const { tables, keys = fc.constantFrom<Key>('a', 'b', 'c', 'd'), streams = {}, maxRows = 16 } = options;
  const streamInputs = Object.entries(streams).map(([name, fields]) =>
    partitioned(fc.array(fc.tuple(instant, fields), { maxLength: maxRows, size: 'max' }).map((rows) => rows.map(([at, row]): Fields & ScenarioRow => ({ at, ...row })))).map((partitions) => ({ name, partitions })),
  );
  const tableInputs = Object.entries(tables).map(([name, value]) => {
    const upsert = fc.record({ at: instant, key: keys, value: fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.constant(undefined) }) });
    return partitioned(fc.tuple(fc.array(upsert, { maxLength: maxRows, size: 'max' }), fc.infiniteStream(fc.boolean())).map(([upserts, moves]) => changelogRows(upserts, moves))).map((partitions) => ({ name, partitions }));
  });
  return fc.record({ inputs: fc.tuple(...streamInputs, ...tableInputs), seed: fc.integer() });
}

/** Some updates come as the delete and the insert of a row that moved from one instance to another. */
function changelogRows<Value>(upserts: readonly Upsert<Value>[], moves: Iterator<boolean>): readonly ChangelogRow<Value>[] {
  const moved = new Map<string, boolean>();
  return tableChanges(tableTimeline(structuredClone(upserts))).map(({ at, key, value, change }) => {
    const place = JSON.stringify([at, key]);
    if (!moved.has(place)) moved.set(place, moves.next().value as boolean);
    return { at, key, value: value as Value, change: moved.get(place) === true ? MOVED[change] : change };
  });
}

const MOVED: Readonly<Record<Change, Change>> = { 'update-before': 'delete', 'update-after': 'insert', insert: 'insert', delete: 'delete' };

/** Spreads rows over two partitions with some disorder in each. */
function partitioned<Row extends ScenarioRow>(rows: fc.Arbitrary<readonly Row[]>): fc.Arbitrary<readonly (readonly Row[])[]> {
  const place = fc.record({ partition: fc.nat({ max: 1 }), delay: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 15 }) }) });
  return fc.tuple(rows, fc.infiniteStream(place)).map(([all, places]) => {
    const placed = all.map((row) => ({ row, ...(places.next().value as { partition: number; delay: number }) }));
    return [0, 1].map((partition) =>
      placed
        .filter((each) => each.partition === partition)
        .sort((a, b) => a.row.at + a.delay - b.row.at - b.delay)
        .map(({ row }) => row),
    );
  });
}

/** The operator with scenario rows for entries of tables: of the inputs named, a row's `change` becomes its change, and it loses its place in a log. */
export function withChangelogs(spec: OperatorSpec, inputs: readonly number[]): OperatorSpec {
  return {
    ...spec,
    create: (context, restored) => {
      const operator = spec.create(context, restored);
      return {
        ...withoutBatches(operator),
        onBatch: (batch: Batch, out: Collector, input: number) => operator.onBatch(inputs.includes(input) ? changelogBatch(batch as Batch<ChangelogRow>) : batch, out, input),
      };
    },
  };
}

function withoutBatches(operator: Operator): Partial<Operator> {
  return {
    ...(operator.onWatermark === undefined ? {} : { onWatermark: (watermark, out) => operator.onWatermark!(watermark, out) }),
    ...(operator.outputWatermark === undefined ? {} : { outputWatermark: () => operator.outputWatermark!() }),
    ...(operator.snapshot === undefined ? {} : { snapshot: (writer) => operator.snapshot!(writer) }),
  };
}

/** Rows of a scenario as the changelog that they spell. */
function changelogBatch(batch: Batch<ChangelogRow>): Batch {
  const rows = Array.from(batch.rows.subarray(0, batch.length), (position) => batch.at(position));
  return new RowBatch(
    rows.map(({ key, value }) => ({ key, value })),
    { timestamps: Float64Array.from(rows, ({ at }) => at), changes: Uint8Array.from(rows, ({ change }) => CHANGES.indexOf(change)) },
  );
}
