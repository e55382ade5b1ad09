import { CHANGES, milliseconds } from '@weir/model';
import type { Batch, Change, OperatorSpec } from '@weir/model';
import { RowBatch } from '@weir/model';
import { ParallelRun, cases, checkScenario, placedRows, runScenario, scenarioBatch, scenarios } from '@weir/testkit';
import type { Emitted, PlacedRow, Scenario } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalJoin } from './interval-join.ts';
import type { RegularJoinKind } from './join-kind.ts';
import { before } from './reach.ts';
import { regularJoin } from './regular-join.ts';

const KINDS = ['inner', 'left', 'right', 'full'] as const;

interface Fields {
  readonly key: string;
  readonly id: number;
  readonly change: Change;
}
type Row = Fields & { readonly at: number };

const anyChange = fc.constantFrom<Change>('insert', 'insert', 'update-after', 'delete', 'update-before');
const fields = (change: fc.Arbitrary<Change>) => fc.record({ key: fc.constantFrom('a', 'a', 'a', 'b', 'c'), id: fc.nat({ max: 1 }), change });
const changelogs = scenarios<Fields>({ inputs: { left: fields(anyChange), right: fields(anyChange) }, maxRows: 25 });
const inserts = scenarios<Fields>({ inputs: { left: fields(fc.constant('insert')), right: fields(fc.constant('insert')) }, maxRows: 25 });
const ttls = fc.constantFrom(1, 5, 10, 11, 40);

const content = (row: Row | null): string | null => (row === null ? null : `${row.key}${row.id}`);

/** A row is what it holds besides its time and its change, which the join is told apart from it. */
function spec(kind: RegularJoinKind, ttl: number, maxRows?: number): OperatorSpec {
  const inner = regularJoin({
    left: { field: 'key' },
    right: { field: 'key' },
    kind,
    ttl: milliseconds(ttl),
    ...(maxRows === undefined ? {} : { maxRows }),
    join: (left: Row | null, right: Row | null) => ({ left: content(left), right: content(right) }),
  });
  return {
    ...inner,
    create: (context, restored) => {
      const operator = inner.create(context, restored);
      return {
        onBatch: (batch, out, input) => operator.onBatch(asChangelog(batch), out, input),
        onWatermark: (watermark, out) => operator.onWatermark?.(watermark, out),
        snapshot: (writer) => operator.snapshot?.(writer),
      };
    },
  };
}

function asChangelog(batch: Batch): Batch {
  const last = batch.rows[batch.length - 1]!;
  const rows = Array.from({ length: last + 1 }, (_, position) => batch.at(position) as Row);
  return new RowBatch(rows.map(({ key, id }) => ({ key, id })), {
    timestamps: batch.timestamps,
    origin: batch.origin,
    changes: Uint8Array.from(rows, ({ change }) => CHANGES.indexOf(change)),
    rows: batch.rows,
    length: batch.length,
  });
}

interface Lived {
  readonly row: Row;
  readonly place: readonly number[];
  /** The pairs that it was ever part of and that were not taken back. */
  pairs: Set<Lived>;
}

/** All changes, by the plain rules: walks the instants, and looks at every row that ever was. */
function walked(kind: RegularJoinKind, ttl: number, scenario: Scenario<Row>): readonly string[] {
  const placed = [...placedRows(scenario)].sort((a, b) => a.row.at - b.row.at || takes(a) - takes(b) || a.input - b.input || a.partition - b.partition || a.offset - b.offset);
  const sides: [Lived[], Lived[]] = [[], []];
  const out: string[] = [];
  const say = (change: string, input: number, own: Row, other: Row | null, at: number): void => {
    if (other === null && !(kind === 'full' || kind === (input === 0 ? 'left' : 'right'))) return;
    const [left, right] = input === 0 ? [own, other] : [other, own];
    out.push(JSON.stringify([change, at, content(left), content(right)]));
  };
  for (const { row, input, partition, offset } of placed) {
    const lives = (one: Lived): boolean => one.row.key === row.key && row.at < one.row.at + ttl;
    const others = sides[1 - input]!.filter(lives).sort(byPlace);
    if (takes({ row }) === 0) {
      const own: Lived = { row, place: [row.at, partition, offset], pairs: new Set() };
      for (const other of others) {
        if (other.pairs.size === 0) say('delete', 1 - input, other.row, null, row.at);
        other.pairs.add(own);
        own.pairs.add(other);
        say('insert', input, row, other.row, row.at);
      }
      if (others.length === 0) say('insert', input, row, null, row.at);
      sides[input]!.push(own);
      continue;
    }
    const own = sides[input]!.filter((one) => lives(one) && one.row.id === row.id).sort(byPlace).at(-1);
    if (own === undefined) continue;
    sides[input] = sides[input]!.filter((one) => one !== own);
    if (own.pairs.size === 0) say('delete', input, row, null, row.at);
    for (const other of others) {
      other.pairs.delete(own);
      say('delete', input, row, other.row, row.at);
      if (other.pairs.size === 0) say('insert', 1 - input, other.row, null, row.at);
    }
  }
  return out;
}

function takes({ row }: { readonly row: Row }): number {
  return row.change === 'delete' || row.change === 'update-before' ? 1 : 0;
}

function byPlace(a: Lived, b: Lived): number {
  return a.place[0]! - b.place[0]! || a.place[1]! - b.place[1]! || a.place[2]! - b.place[2]!;
}

const changesIn = (emitted: readonly Emitted[]): readonly string[] =>
  emitted.filter(({ port }) => port === 'results').map(({ row, change, timestamp }) => {
    const { left, right } = row as { left: string | null; right: string | null };
    return JSON.stringify([change, timestamp, left, right]);
  });

/** What is left when all that was taken back is gone; fails when something is taken back that is not there. */
function net(changes: readonly string[]): readonly string[] {
  const rows = new Map<string, number>();
  for (const text of changes) {
    const [change, , left, right] = JSON.parse(text) as [string, number, string | null, string | null];
    const row = JSON.stringify([left, right]);
    const count = (rows.get(row) ?? 0) + (change === 'insert' ? 1 : -1);
    expect(count).toBeGreaterThanOrEqual(0);
    rows.set(row, count);
  }
  return [...rows].flatMap(([row, count]) => Array.from({ length: count }, () => row)).sort();
}

describe('a regular join', () => {
  it.each(KINDS)('of two changelogs says what a walk through all instants says, in every mode: %s', (kind) => {
    fc.assert(
      fc.property(changelogs, ttls, (scenario, ttl) => {
        const expected = walked(kind, ttl, scenario);
        checkScenario(spec(kind, ttl), scenario, (emitted) => [...changesIn(emitted)].sort(), [...expected].sort());
        // One instance says it in the same order, however the inputs are interleaved.
        expect(changesIn(runScenario(spec(kind, ttl), scenario, 'live'))).toEqual(expected);
        expect(changesIn(runScenario(spec(kind, ttl), scenario, 'perfect'))).toEqual(expected);
      }),
      { numRuns: cases(80) },
    );
  });

  it.each(KINDS)('takes nothing back that it has not said: %s', (kind) => {
    fc.assert(
      fc.property(changelogs, ttls, (scenario, ttl) => void net(changesIn(runScenario(spec(kind, ttl), scenario, 'live')))),
      { numRuns: cases(80) },
    );
  });

  it.each(KINDS)('of inserts alone leaves what an interval join says, with the ttl to both sides: %s', (kind) => {
    fc.assert(
      fc.property(inserts, ttls, (scenario, ttl) => {
        const interval = intervalJoin({
          left: { field: 'key' },
          right: { field: 'key' },
          kind,
          between: [before(milliseconds(ttl)), milliseconds(ttl)],
          lower: 'exclusive',
          upper: 'exclusive',
          join: (...[left, right]: readonly (Row | null)[]) => ({ left: content(left ?? null), right: content(right ?? null) }),
        });
        expect(net(changesIn(runScenario(spec(kind, ttl), scenario, 'live')))).toEqual(net(changesIn(runScenario(interval, scenario, 'perfect'))));
      }),
      { numRuns: cases(80) },
    );
  });

  it.each(KINDS)('is left with nothing when all that came is taken back: %s', (kind) => {
    fc.assert(
      fc.property(inserts, (scenario) => {
        const LONG = 1_000;
        const back = { ...scenario, inputs: scenario.inputs.map((input) => ({ ...input, partitions: input.partitions.map((rows) => [...rows, ...rows.map((row) => ({ ...row, at: 200, change: 'delete' as const }))]) })) };
        expect(net(changesIn(runScenario(spec(kind, LONG), back, 'perfect')))).toEqual([]);
      }),
      { numRuns: cases(80) },
    );
  });

  it.each(KINDS)('with late rows says what it says of those that were in time: %s', (kind) => {
    fc.assert(
      fc.property(changelogs, ttls, fc.array(fc.integer({ min: -30, max: 70 }), { maxLength: 4 }), (scenario, ttl, watermarks) => {
        const run = new ParallelRun(spec(kind, ttl), 1);
        const inTime: Row[][][] = scenario.inputs.map(({ partitions }) => partitions.map(() => []));
        let late = 0;
        for (const [index, { row, input, partition, offset }] of interleaved(scenario).entries()) {
          const watermark = watermarks[index % 7];
          if (watermark !== undefined && watermark > run.received) run.watermark(watermark);
          run.rows(input, scenarioBatch(scenario.inputs[input]!.name, partition, [row], offset));
          if (row.at < run.received) late++;
          else inTime[input]![partition]!.push(row);
        }
        run.watermark(Number.POSITIVE_INFINITY);
        expect(run.emitted.filter(({ port }) => port === 'lateLeft' || port === 'lateRight').length).toBe(late);
        expect(run.behindWatermark).toBeNaN();
        expect(run.books.told).toBe(run.books.entered);
        const rest = { ...scenario, inputs: scenario.inputs.map((one, input) => ({ ...one, partitions: inTime[input]! })) };
        expect(changesIn(run.emitted)).toEqual(walked(kind, ttl, rest));
      }),
      { numRuns: cases(80) },
    );
  });
});

/** Rows of all partitions in turn, each in order. */
function interleaved(scenario: Scenario<Row>): readonly PlacedRow<Row>[] {
  return [...placedRows(scenario)].sort((a, b) => a.offset - b.offset || a.input - b.input || a.partition - b.partition);
}
