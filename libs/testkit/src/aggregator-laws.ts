import { deepStrictEqual } from 'node:assert';
import type { AccumulatorColumns, Aggregator, Batch } from '@weir/model';
import { RowBatch } from '@weir/model';
import { ByteReader, ByteWriter } from '@weir/state';
import fc from 'fast-check';

/** A law and the property that checks it. */
export type Laws = Readonly<Record<string, fc.IPropertyWithHooks<unknown>>>;

const TIMES = new Float64Array(1_000);

/** What every aggregator must hold to, whatever its rows; its typed-array form included. Check each with `fc.assert`. */
export function aggregatorLaws<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>): Laws {
  const rows = fc.array(row, { maxLength: 12 });
  const fold = (all: readonly Row[]): A => all.reduce((accumulator, each) => aggregator.add(accumulator, each), aggregator.create());
  const finish = (accumulator: A): Out => aggregator.finish(accumulator);
  const bytes = (accumulator: A): Uint8Array => written((writer) => aggregator.write(accumulator, writer));
  const laws: Record<string, fc.IPropertyWithHooks<unknown>> = {
    'merge is associative': fc.property(fc.tuple(rows, rows, rows), ([a, b, c]) => {
      const left = aggregator.merge(aggregator.merge(fold(a), fold(b)), fold(c));
      const right = aggregator.merge(fold(a), aggregator.merge(fold(b), fold(c)));
      deepStrictEqual(finish(left), finish(right));
    }),
    'create is the identity of merge, on both sides': fc.property(rows, (all) => {
      deepStrictEqual(finish(aggregator.merge(aggregator.create(), fold(all))), finish(fold(all)));
      deepStrictEqual(finish(aggregator.merge(fold(all), aggregator.create())), finish(fold(all)));
    }),
    'adding rows is merging them': fc.property(fc.tuple(rows, rows), ([a, b]) => {
      deepStrictEqual(finish(aggregator.merge(fold(a), fold(b))), finish(fold([...a, ...b])));
    }),
    'the order of rows changes nothing': fc.property(fc.tuple(rows, fc.infiniteStream(fc.nat())), ([all, ranks]) => {
      deepStrictEqual(finish(fold(shuffled(all, ranks))), finish(fold(all)));
    }),
    'what was merged from is left as it was': fc.property(fc.tuple(rows, rows, row), ([a, b, one]) => {
      const from = fold(b);
      const before = bytes(from);
      aggregator.add(aggregator.merge(fold(a), from), one);
      deepStrictEqual(bytes(from), before);
    }),
    'it survives its bytes': fc.property(fc.tuple(rows, rows), ([before, after]) => {
      const reader = new ByteReader(bytes(fold(before)));
      const restored = aggregator.read(reader);
      deepStrictEqual(reader.remaining, 0);
      deepStrictEqual(finish(after.reduce((accumulator, each) => aggregator.add(accumulator, each), restored)), finish(fold([...before, ...after])));
    }),
    'equal accumulators are equal bytes': fc.property(fc.tuple(rows, fc.infiniteStream(fc.nat())), ([all, ranks]) => {
      deepStrictEqual(bytes(fold(shuffled(all, ranks))), bytes(fold(all)));
    }),
  };
  if (aggregator.retract !== undefined) {
    laws['retract undoes merge'] = fc.property(fc.tuple(rows, rows), ([a, b]) => {
      const back = aggregator.retract!(aggregator.merge(fold(a), fold(b)), fold(b));
      deepStrictEqual(finish(back), finish(fold(a)));
      deepStrictEqual(bytes(back), bytes(fold(a)));
    });
  }
  if (aggregator.columns !== undefined) laws['the typed arrays give what the rows give'] = columnsLaw(aggregator, row);
  return laws;
}

const SLOTS = 4;

/** Random batches, merges, retractions, resets and restarts over a few slots, beside plain accumulators. */
function columnsLaw<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>): fc.IPropertyWithHooks<unknown> {
  const slot = fc.integer({ min: 0, max: SLOTS - 1 });
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), rows: fc.array(fc.record({ row, slot: fc.integer({ min: -1, max: SLOTS - 1 }), skipped: fc.boolean() }), { maxLength: 10 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('merge' as const), into: slot, from: slot }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('retract' as const), into: slot, from: slot }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), into: slot }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  );
  return fc.property(fc.array(action, { maxLength: 20, size: 'max' }), (actions) => {
    let columns = freshColumns(aggregator);
    const plain = Array.from({ length: SLOTS }, () => ({ accumulator: aggregator.create() }));
    for (const each of actions) {
      if (each.kind === 'add') {
        const { batch, slots, kept } = batchOf(each.rows);
        columns.addBatch(slots, batch);
        for (const { row: added, slot: to } of kept) if (to >= 0) plain[to]!.accumulator = aggregator.add(plain[to]!.accumulator, added);
      } else if (each.kind === 'merge' && each.into !== each.from) {
        columns.merge(each.into, each.from);
        plain[each.into]!.accumulator = aggregator.merge(plain[each.into]!.accumulator, plain[each.from]!.accumulator);
      } else if (each.kind === 'retract' && each.into !== each.from && columns.retract !== undefined) {
        // Only what was merged may be taken out again.
        columns.merge(each.into, each.from);
        columns.retract(each.into, each.from);
      } else if (each.kind === 'reset') {
        columns.reset(each.into);
        plain[each.into]!.accumulator = aggregator.create();
      } else if (each.kind === 'restart') {
        columns = restarted(aggregator, columns);
      }
    }
    for (const [at, { accumulator }] of plain.entries()) {
      deepStrictEqual(columns.finish(at), aggregator.finish(accumulator));
      deepStrictEqual(written((writer) => columns.write(at, writer)), written((writer) => aggregator.write(accumulator, writer)));
    }
  });
}

function freshColumns<Out>(aggregator: Aggregator<never, unknown, Out>): AccumulatorColumns<Out> {
  const columns = aggregator.columns!();
  // Grown twice: what is there is kept.
  columns.grow(SLOTS - 1);
  columns.grow(SLOTS);
  for (let slot = 0; slot < SLOTS; slot++) columns.reset(slot);
  return columns;
}

function restarted<Out>(aggregator: Aggregator<never, unknown, Out>, columns: AccumulatorColumns<Out>): AccumulatorColumns<Out> {
  const next = freshColumns(aggregator);
  for (let slot = 0; slot < SLOTS; slot++) next.read(slot, new ByteReader(written((writer) => columns.write(slot, writer))));
  return next;
}

interface Placed<Row> {
  readonly row: Row;
  readonly slot: number;
  /** In the columns of the batch, but filtered out. */
  readonly skipped: boolean;
}

function batchOf<Row>(placed: readonly Placed<Row>[]): { readonly batch: Batch; readonly slots: Int32Array; readonly kept: readonly Placed<Row>[] } {
  const all = new RowBatch(placed.map(({ row }) => row), { timestamps: TIMES });
  const positions = placed.flatMap(({ skipped }, position) => (skipped ? [] : [position]));
  const kept = placed.filter(({ skipped }) => !skipped);
  return { batch: all.select(Int32Array.from(positions), positions.length), slots: Int32Array.from(kept, ({ slot }) => slot), kept };
}

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.toBytes();
}

function shuffled<Row>(rows: readonly Row[], ranks: Iterable<number>): readonly Row[] {
  const order = ranks[Symbol.iterator]();
  return rows
    .map((row) => ({ row, rank: order.next().value as number }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);
}
