import { deepStrictEqual } from 'node:assert';
import type { AccumulatorColumns, Aggregator, Batch } from '@weir/model';
import { RowBatch, WeirError } from '@weir/model';
import { ByteReader, ByteWriter } from '@weir/state';
import fc from 'fast-check';

/** A law and the property that checks it. */
export type Laws = Readonly<Record<string, fc.IPropertyWithHooks<unknown>>>;

const TIMES = new Float64Array(1_000);
/** Rows of a log may lie in typed columns, and aggregators may take another way for them. */
const ORIGIN = { source: 'rows', partition: 0, offsets: TIMES, logTimestamps: TIMES };

export interface LawOptions {
  /** False for an aggregator whose result, but not whose bytes, is the same for the same rows in any order. Default true. */
  readonly equalBytes?: boolean;
}

/** What every aggregator must hold to, whatever its rows; its typed-array form included. Check each with `fc.assert`. */
export function aggregatorLaws<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>, { equalBytes = true }: LawOptions = {}): Laws {
  const ways = waysOf(aggregator);
  return {
    ...resultLaws(aggregator, row, ways),
    ...stateLaws(aggregator, row, ways),
    ...(equalBytes ? bytesLaw(aggregator, row, ways) : {}),
    ...(aggregator.retract === undefined ? {} : retractLaw(aggregator, row, ways)),
    ...(aggregator.columns === undefined ? {} : { 'the typed arrays give what the rows give': columnsLaw(aggregator, row) }),
  };
}

/** What the laws do with an aggregator. */
interface Ways<Row, A> {
  readonly addAll: (to: A, all: readonly Row[]) => A;
  readonly fold: (all: readonly Row[]) => A;
  readonly finish: (accumulator: A) => unknown;
  readonly bytes: (accumulator: A) => Uint8Array;
}

function waysOf<Row, A, Out>(aggregator: Aggregator<Row, A, Out>): Ways<Row, A> {
  const addAll = (to: A, all: readonly Row[]): A => all.reduce((accumulator, each) => aggregator.add(accumulator, each), to);
  return {
    addAll,
    fold: (all) => addAll(aggregator.create(), all),
    finish: (accumulator) => outcome(() => aggregator.finish(accumulator)),
    bytes: (accumulator) => written((writer) => aggregator.write(accumulator, writer)),
  };
}

const rowsOf = <Row>(row: fc.Arbitrary<Row>): fc.Arbitrary<Row[]> => fc.array(row, { maxLength: 12 });

/** However rows are added and merged, the same comes out. */
function resultLaws<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>, { fold, finish }: Ways<Row, A>): Laws {
  const rows = rowsOf(row);
  return {
    'merge is associative': fc.property(fc.tuple(rows, rows, rows), ([a, b, c]) => {
      const left = aggregator.merge(aggregator.merge(fold(a), fold(b)), fold(c));
      const right = aggregator.merge(fold(a), aggregator.merge(fold(b), fold(c)));
      deepStrictEqual(finish(left), finish(right));
    }),
    'create is the identity of merge, on both sides': fc.property(rows, (all) => {
      deepStrictEqual(finish(aggregator.merge(aggregator.create(), fold(all))), finish(fold(all)));
      deepStrictEqual(finish(aggregator.merge(fold(all), aggregator.create())), finish(fold(all)));
    }),
    'adding rows is merging them': fc.property(fc.tuple(rows, rows, row), ([a, b, one]) => {
      deepStrictEqual(finish(aggregator.merge(fold(a), fold(b))), finish(fold([...a, ...b])));
      deepStrictEqual(finish(aggregator.merge(fold(a), fold([one]))), finish(fold([...a, one])));
    }),
    'the order of rows changes nothing': fc.property(fc.tuple(rows, fc.infiniteStream(fc.nat())), ([all, ranks]) => {
      deepStrictEqual(finish(fold(shuffled(all, ranks))), finish(fold(all)));
    }),
    'spread over partitions and merged in any tree, rows give the same': fc.property(fc.tuple(fc.array(rows, { maxLength: 5 }), fc.infiniteStream(fc.nat())), ([partitions, picks]) => {
      const parts = partitions.map(fold);
      for (const pick of picks) {
        if (parts.length < 2) break;
        const [from] = parts.splice(pick % parts.length, 1);
        const into = (pick >>> 8) % parts.length;
        parts[into] = aggregator.merge(parts[into]!, from!);
      }
      deepStrictEqual(finish(parts[0] ?? aggregator.create()), finish(fold(partitions.flat())));
    }),
  };
}

/** Accumulators, results and bytes are values of their own. */
function stateLaws<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>, { addAll, fold, finish, bytes }: Ways<Row, A>): Laws {
  const rows = rowsOf(row);
  return {
    'what was merged from is left as it was': fc.property(fc.tuple(rows, rows, row), ([a, b, one]) => {
      const from = fold(b);
      const before = bytes(from);
      aggregator.add(aggregator.merge(fold(a), from), one);
      deepStrictEqual(bytes(from), before);
    }),
    'a result is a value of its own, and taking it changes nothing': fc.property(fc.tuple(rows, rows), ([a, b]) => {
      const held = fold(a);
      const before = finish(held);
      const copy = structuredClone(before);
      const after = addAll(held, b);
      bytes(after);
      deepStrictEqual(finish(after), finish(fold([...a, ...b])));
      deepStrictEqual(before, copy);
    }),
    'it survives its bytes': fc.property(fc.tuple(rows, rows, rows), ([before, after, other]) => {
      const reader = new ByteReader(bytes(fold(before)));
      const restored = aggregator.read(reader);
      deepStrictEqual(reader.remaining, 0);
      deepStrictEqual(bytes(restored), bytes(fold(before)));
      deepStrictEqual(finish(aggregator.merge(addAll(restored, after), fold(other))), finish(fold([...before, ...after, ...other])));
    }),
  };
}

function bytesLaw<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>, { fold, bytes }: Ways<Row, A>): Laws {
  return {
    'equal accumulators are equal bytes': fc.property(fc.tuple(rowsOf(row), fc.infiniteStream(fc.nat())), ([all, ranks]) => {
      deepStrictEqual(bytes(fold(shuffled(all, ranks))), bytes(fold(all)));
      const half = all.length >>> 1;
      deepStrictEqual(bytes(aggregator.merge(fold(all.slice(half)), fold(all.slice(0, half)))), bytes(fold(all)));
    }),
  };
}

function retractLaw<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>, { addAll, fold, finish, bytes }: Ways<Row, A>): Laws {
  const rows = rowsOf(row);
  return {
    'retract undoes merge': fc.property(fc.tuple(rows, rows), ([a, b]) => {
      const back = aggregator.retract!(aggregator.merge(fold(a), fold(b)), fold(b));
      deepStrictEqual(finish(back), finish(fold(a)));
      deepStrictEqual(bytes(back), bytes(fold(a)));
      deepStrictEqual(finish(addAll(back, b)), finish(fold([...a, ...b])));
    }),
  };
}

const SLOTS = 4;

/** Random batches, merges, retractions, resets and restarts over a few slots, beside plain accumulators. */
function columnsLaw<Row, A, Out>(aggregator: Aggregator<Row, A, Out>, row: fc.Arbitrary<Row>): fc.IPropertyWithHooks<unknown> {
  const slot = fc.integer({ min: 0, max: SLOTS - 1 });
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), logged: fc.boolean(), rows: fc.array(fc.record({ row, slot: fc.integer({ min: -1, max: SLOTS - 1 }), skipped: fc.boolean() }), { maxLength: 10 }) }) },
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
        const { batch, slots, kept } = batchOf(each.rows, each.logged);
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
      deepStrictEqual(outcome(() => columns.finish(at)), outcome(() => aggregator.finish(accumulator)));
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

function batchOf<Row>(placed: readonly Placed<Row>[], logged: boolean): { readonly batch: Batch; readonly slots: Int32Array; readonly kept: readonly Placed<Row>[] } {
  const all = new RowBatch(placed.map(({ row }) => row), { timestamps: TIMES, origin: logged ? ORIGIN : undefined });
  const positions = placed.flatMap(({ skipped }, position) => (skipped ? [] : [position]));
  const kept = placed.filter(({ skipped }) => !skipped);
  return { batch: all.select(Int32Array.from(positions), positions.length), slots: Int32Array.from(kept, ({ slot }) => slot), kept };
}

/** What came of it; the code where that is an error that a user can act on. */
function outcome(take: () => unknown): unknown {
  try {
    return take();
  } catch (error) {
    if (error instanceof WeirError) return error.code;
    throw error;
  }
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
