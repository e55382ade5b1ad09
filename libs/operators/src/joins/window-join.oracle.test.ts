import { milliseconds } from '@weir/model';
import type { OperatorSpec } from '@weir/model';
import { cases, checkScenario, placedRows, scenarios } from '@weir/testkit';
import type { Emitted, PlacedRow } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomAssigner, WindowAssigner } from '../windows/assigner.ts';
import { session } from '../windows/session.ts';
import { hopping, tumbling } from '../windows/tumbling.ts';
import { joinActs, lineOf, runActs } from './fixtures/join-acts.ts';
import type { ActOutput, JoinAct, JoinRow } from './fixtures/join-acts.ts';
import type { JoinKind } from './join-kind.ts';
import { windowJoin } from './window-join.ts';

const KINDS = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;

type Span = readonly [start: number, end: number];

/** A way to assign windows, and the same said naively. */
interface Way {
  readonly name: string;
  readonly assigner: WindowAssigner<JoinRow>;
  readonly spans: (row: JoinRow) => readonly Span[];
  readonly merging: boolean;
}

function custom(describe_: string, merging: boolean, spans: (row: JoinRow) => readonly Span[]): CustomAssigner<JoinRow> {
  return { kind: 'custom', describe: describe_, merging, assign: (_timestamp, _key, row, into) => spans(row).forEach(([start, end]) => into.add(start, end)) };
}

const everyStart = (row: JoinRow, size: number, slide: number): readonly Span[] =>
  Array.from({ length: 200 }, (_, index): Span => [(index - 100) * slide, (index - 100) * slide + size]).filter(([start, end]) => start <= row.at && row.at < end);

/** By the row's own number: none, one or two that may overlap. */
const campaigns = (row: JoinRow): readonly Span[] => ([[row.at, row.at + 5], [row.at + 1 - row.id, row.at + 12]] as const).slice(0, row.id);
/** A gap of the row's own, and no window for some. */
const visits = (row: JoinRow): readonly Span[] => (row.at % 7 === 0 ? [] : [[row.at, row.at + 2 + 3 * row.id]]);

const WAYS: readonly Way[] = [
  { name: 'tumbling', assigner: tumbling(milliseconds(10)), spans: (row) => everyStart(row, 10, 10), merging: false },
  { name: 'hopping', assigner: hopping(milliseconds(10), milliseconds(4)), spans: (row) => everyStart(row, 10, 4), merging: false },
  { name: 'hopping with gaps', assigner: hopping(milliseconds(5), milliseconds(10)), spans: (row) => everyStart(row, 5, 10), merging: false },
  { name: 'session', assigner: session(milliseconds(6)), spans: (row) => [[row.at, row.at + 6]], merging: true },
  { name: 'custom', assigner: custom('campaigns', false, campaigns), spans: campaigns, merging: false },
  { name: 'custom that merges', assigner: custom('visits', true, visits), spans: visits, merging: true },
];

const spec = (kind: JoinKind, assigner: WindowAssigner<JoinRow>, maxRows?: number): OperatorSpec =>
  windowJoin({
    left: { field: 'key' },
    right: { field: 'key' },
    kind,
    window: assigner,
    ...(maxRows === undefined ? {} : { maxRows }),
    join: (...given: readonly unknown[]) => (given.length === 2 ? { left: given[0], right: null, window: given[1] } : { left: given[0], right: given[1], window: given[2] }),
  });

interface Placed {
  readonly row: JoinRow;
  readonly input: number;
  readonly place: readonly number[];
}

interface Box {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly rows: readonly Placed[];
}

/** Windows of the same bounds, or that touch, as one. */
function merged(boxes: readonly Box[], merging: boolean): readonly Box[] {
  const out: Box[] = [];
  for (const one of boxes) {
    let box = one;
    const same = (other: Box): boolean => other.key === box.key && (merging ? other.start <= box.end && other.end >= box.start : other.start === box.start && other.end === box.end);
    for (let index = out.findIndex(same); index >= 0; index = out.findIndex(same)) {
      const [other] = out.splice(index, 1);
      box = { key: box.key, start: Math.min(box.start, other!.start), end: Math.max(box.end, other!.end), rows: [...new Set([...other!.rows, ...box.rows])] };
    }
    out.push(box);
  }
  return out;
}

/** All that the join of one window says, in order. */
function joined(kind: JoinKind, { start, end, rows }: Box): readonly string[] {
  const of = (input: number): readonly JoinRow[] => rows.filter((one) => one.input === input).sort(byPlace).map(({ row }) => row);
  const [lefts, rights] = [of(0), of(1)];
  const say = (left: JoinRow | null, right: JoinRow | null): string => lineOf({ left, right, window: { start, end } }, end - 1);
  const alone = { left: rights.length === 0 ? lefts : [], right: lefts.length === 0 ? rights : [] };
  switch (kind) {
    case 'semi':
      return rights.length === 0 ? [] : lefts.map((left) => say(left, null));
    case 'anti':
      return alone.left.map((left) => say(left, null));
    default:
      return [
        ...lefts.flatMap((left) => rights.map((right) => say(left, right))),
        ...(kind === 'left' || kind === 'full' ? alone.left.map((left) => say(left, null)) : []),
        ...(kind === 'right' || kind === 'full' ? alone.right.map((right) => say(null, right)) : []),
      ];
  }
}

function byPlace(a: Placed, b: Placed): number {
  return a.place[0]! - b.place[0]! || a.place[1]! - b.place[1]! || a.place[2]! - b.place[2]!;
}

/** A window join the plain way: keeps the rows that were taken, and computes the windows of all of them each time. */
class NaiveWindowJoin {
  readonly #kind: JoinKind;
  readonly #way: Way;
  #open: readonly Box[] = [];
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(kind: JoinKind, way: Way) {
    this.#kind = kind;
    this.#way = way;
  }

  act(act: JoinAct): ActOutput {
    const out = { results: [] as string[], lateLeft: [] as string[], lateRight: [] as string[] };
    if (act.kind === 'watermark') {
      this.#watermark = Math.max(this.#watermark, act.watermark);
      const ended = this.#open.filter((box) => this.#hasEnded(box));
      this.#open = this.#open.filter((box) => !this.#hasEnded(box));
      const inTurn = [...ended].sort((a, b) => a.end - b.end || a.start - b.start || (a.key < b.key ? -1 : 1));
      return { ...out, results: inTurn.flatMap((box) => joined(this.#kind, box)) };
    }
    for (const [index, row] of act.rows.entries()) {
      const placed: Placed = { row, input: act.input, place: [row.at, act.partition, act.from + index] };
      if (!this.#take(placed)) out[act.input === 0 ? 'lateLeft' : 'lateRight'].push(lineOf(row, row.at));
    }
    return out;
  }

  /** False when a window of the row was refused, as it is after it was merged with what is open. */
  #take(placed: Placed): boolean {
    let all = true;
    for (const [start, end] of this.#way.spans(placed.row)) {
      const open = merged([...this.#open, { key: placed.row.key, start, end, rows: [placed] }], this.#way.merging);
      const mine = open.find((box) => box.key === placed.row.key && box.start <= start && end <= box.end && box.rows.includes(placed))!;
      if (this.#hasEnded(mine)) all = false;
      else this.#open = open;
    }
    return all;
  }

  /** Whatever touches a session becomes part of it, so that it has ended only behind its end. */
  #hasEnded({ end }: Box): boolean {
    return this.#way.merging ? end < this.#watermark : end <= this.#watermark;
  }
}

const fields = fc.record({ key: fc.constantFrom('a', 'a', 'a', 'b', 'c'), id: fc.nat({ max: 2 }) });
const view = (emitted: readonly Emitted[]): readonly string[] => emitted.map(({ port, row, timestamp }) => `${port} ${lineOf(row, timestamp)}`).sort();

describe.each(WAYS)('a window join in $name windows', (way) => {
  it.each(KINDS)('equals the loops over the rows of each window: %s', (kind) => {
    fc.assert(
      fc.property(scenarios({ inputs: { left: fields, right: fields }, maxRows: 25 }), (scenario) => {
        const rows = placedRows(scenario).map(({ row, input, partition, offset }: PlacedRow<JoinRow>): Placed => ({ row, input, place: [row.at, partition, offset] }));
        const boxes = rows.flatMap((placed) => way.spans(placed.row).map(([start, end]): Box => ({ key: placed.row.key, start, end, rows: [placed] })));
        const expected = merged(boxes, way.merging).flatMap((box) => joined(kind, box));
        checkScenario(spec(kind, way.assigner), scenario, view, expected.map((line) => `results ${line}`).sort());
      }),
      { numRuns: cases(25) },
    );
  });

  it('says at each step what the plain one says, in the same order, and who is late', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), joinActs, (kind, acts) => {
        const naive = new NaiveWindowJoin(kind, way);
        const all: readonly JoinAct[] = [...acts, { kind: 'watermark', watermark: Number.POSITIVE_INFINITY }];
        expect(runActs(spec(kind, way.assigner), acts)).toEqual(all.map((act) => naive.act(act)));
      }),
      { numRuns: cases(100) },
    );
  });
});
