import type { Batch, Collector, KeyTable, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark, Window } from '@weir/model';
import { MIN_WATERMARK, WeirError } from '@weir/model';
import { RowOutput } from '../rows/row-output.ts';
import { AssignedWindows, asCustom } from '../windows/assigned-windows.ts';
import type { CustomAssigner, WindowAssigner } from '../windows/assigner.ts';
import { LEFT, RESULTS, RIGHT, givesPairs, givesUnmatched } from './join-kind.ts';
import type { JoinKind, JoinedRows } from './join-kind.ts';
import { DEFAULT_MAX_ROWS, joinSpec, refuseChangelog, tooManyRows } from './join-spec.ts';
import type { JoinOptions } from './join-spec.ts';
import { JoinWindows } from './join-windows.ts';
import type { JoinWindow } from './join-windows.ts';
import { compareKept, keptRow } from './kept-row.ts';
import type { KeptRow } from './kept-row.ts';

/** The decisions of a window join; `kind` is always spelled. */
export interface WindowJoinOptions<Kind extends JoinKind, Left = never, Right = never, Out = unknown> extends JoinOptions<Left, Right> {
  readonly kind: Kind;
  /** Which windows the rows of both inputs belong to. Sessions grow by the rows of both. */
  readonly window: WindowAssigner<Left | Right>;
  /** Makes the result of a pair, or of a row that met no other, in a window; pure. */
  readonly join: (...rowsAndWindow: [...JoinedRows<Kind, Left, Right>, window: Window]) => Out;
}

type Join = (...rowsAndWindow: readonly unknown[]) => unknown;

/** Results that are collected before they are emitted. */
const FULL_BATCH = 1_024;

/**
 * Joins the rows of a key that are in the same window. A window is joined once, when the watermark reaches its end (or has passed it, if
 * windows merge: a row at the end would still be merged with it), and is then forgotten: left rows in the order (timestamp, partition, offset), each with all right ones in that order; the windows that one watermark ends, in
 * the order (end, start, key). The time of a result is the last instant of its window, end - 1. Each window is a join of its own: a row
 * in several may meet one in some and none in others.
 * A row that some window refuses because it has ended goes to `lateLeft` or `lateRight`, once; other windows may have taken it.
 * A row in n windows is kept once and counts n times for `maxRows`. Throws JOIN_MAX_ROWS; at run time JOIN_STATE_LIMIT, JOIN_CHANGELOG
 * for rows that take others back, and JOIN_WINDOW_ENDLESS for a window that has no end to fire at.
 */
export function windowJoin<const Kind extends JoinKind, Left, Right, Out>(options: WindowJoinOptions<Kind, Left, Right, Out>): OperatorSpec {
  // The row types have done their work in the signature; the engine treats all rows alike.
  const made = options as unknown as WindowJoinOptions<JoinKind>;
  return joinSpec('window-join', made, `${made.kind}, ${made.window.describe}`, (context, restored) => new WindowJoin(made, context, restored));
}

class WindowJoin implements Operator {
  readonly #options: WindowJoinOptions<JoinKind>;
  readonly #join: Join;
  readonly #maxRows: number;
  readonly #context: OperatorContext;
  readonly #keys: KeyTable;
  readonly #assigner: CustomAssigner;
  readonly #assigned: AssignedWindows;
  readonly #windows: JoinWindows;
  readonly #results = new RowOutput();
  #watermark: Watermark = MIN_WATERMARK;
  #arrivals = 0;
  /** Rows in windows, one in several counted for each. */
  #held = 0;
  #keySlots = new Int32Array(1024);
  #refused = new Int32Array(1024);

  constructor(options: WindowJoinOptions<JoinKind>, context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#join = options.join as unknown as Join;
    this.#maxRows = options.maxRows ?? DEFAULT_MAX_ROWS;
    this.#context = context;
    this.#keys = context.state.keys(context.step);
    this.#assigner = asCustom(options.window as WindowAssigner);
    this.#assigned = new AssignedWindows(this.#assigner);
    this.#windows = new JoinWindows(this.#keys);
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector, input: number): void {
    const { length, rows } = batch;
    if (length === 0) return;
    refuseChangelog(batch, this.#context);
    if (this.#keySlots.length < length) {
      this.#keySlots = new Int32Array(length * 2);
      this.#refused = new Int32Array(length * 2);
    }
    this.#keys.resolve(batch, input === LEFT ? this.#options.left : this.#options.right, this.#keySlots);
    let taken = 0;
    let homeless = 0;
    let refused = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const entered = this.#enter(batch, position, this.#keySlots[i]!, input);
      if (entered > 0) taken++;
      const windows = this.#assigned.starts.length;
      if (windows === 0) homeless++;
      if (entered < windows) this.#refused[refused++] = position;
    }
    for (let i = 0; i < length; i++) this.#windows.releaseKeyIfEmpty(this.#keySlots[i]!);
    const { observer } = this.#context;
    if (taken > 0) observer.counted(taken);
    if (homeless > 0) observer.filtered(homeless);
    if (taken + homeless < length) observer.late(length - taken - homeless);
    if (refused > 0) out.emit(batch.select(this.#refused, refused), input + 1);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    const ended = this.#windows.takeEnded((end) => this.#hasEnded(end));
    for (const window of ended) {
      this.#fire(window, out);
      this.#held -= window.rows[LEFT].length + window.rows[RIGHT].length;
    }
    for (const { keySlot } of ended) this.#windows.releaseKeyIfEmpty(keySlot);
    this.#results.emit(out, RESULTS);
  }

  /** A window that merges is joined when W > end, and its results have the time end - 1. */
  outputWatermark(): Watermark {
    return this.#assigner.merging ? this.#watermark - 1 : this.#watermark;
  }

  snapshot(writer: StateWriter): void {
    writer.operator('clock').float64(this.#watermark);
    this.#arrivals = this.#windows.write(writer, 'windows');
  }

  #restore(reader: StateReader): void {
    // What any instance has said stays said.
    for (const section of reader.operators('clock')) this.#watermark = Math.max(this.#watermark, section.float64());
    const { next, held } = this.#windows.read(reader, 'windows');
    this.#arrivals = next;
    this.#held = held;
  }

  /** Puts a row into those of its windows that have not ended; answers how many took it. */
  #enter(batch: Batch, position: number, keySlot: number, input: number): number {
    const timestamp = batch.timestamps[position]!;
    const { starts, ends } = this.#assigned;
    this.#assigned.begin(timestamp);
    this.#assigner.assign(timestamp, this.#keys.keyAt(keySlot), batch.at(position) as never, this.#assigned);
    let kept: KeptRow | undefined;
    let entered = 0;
    for (let i = 0; i < starts.length; i++) {
      const window = this.#opened(keySlot, starts[i]!, ends[i]!);
      if (window === undefined) {
        const { observer } = this.#context;
        if (observer.wantsRejections) observer.rejected(batch, position, this.#keys.keyAt(keySlot), starts[i]!, ends[i]!);
        continue;
      }
      kept ??= keptRow(batch, position, this.#arrivals++);
      entered++;
      this.#keep(window.rows[input]!, kept, input);
    }
    return entered;
  }

  /** True when no row that is still to come can be in a window, or touch it: two rows that are exactly the gap apart are in one session. */
  #hasEnded(end: Timestamp): boolean {
    return this.#assigner.merging ? end < this.#watermark : end <= this.#watermark;
  }

  /** The window that takes a row which is assigned these bounds; undefined when it has ended, with all that it would be merged with. */
  #opened(keySlot: number, start: Timestamp, end: Timestamp): JoinWindow | undefined {
    if (end === Number.POSITIVE_INFINITY) {
      throw new WeirError('JOIN_WINDOW_ENDLESS', `The assigner '${this.#assigner.describe}' made a window without an end, at which a join would fire.`, {
        pipeline: this.#context.pipeline,
        step: this.#context.step,
        remedy: 'Use windows that end, or the regular join.',
      });
    }
    if (!this.#assigner.merging) return this.#hasEnded(end) ? undefined : this.#windows.obtain(keySlot, start, end);
    return this.#hasEnded(end) && !this.#windows.touches(keySlot, start, end) ? undefined : this.#windows.merge(keySlot, start, end);
  }

  #keep(rows: KeptRow[], kept: KeptRow, input: number): void {
    // Of the right rows, `semi` and `anti` ask only whether there is one.
    if (input === RIGHT && rows.length > 0 && !givesPairs(this.#options.kind)) return;
    if (this.#held >= this.#maxRows) throw tooManyRows(this.#maxRows, this.#context);
    this.#held++;
    rows.push(kept);
  }

  #fire({ start, end, rows }: JoinWindow, out: Collector): void {
    const { kind } = this.#options;
    const window: Window = { start, end };
    const lefts = rows[LEFT].sort(compareKept);
    const rights = rows[RIGHT].sort(compareKept);
    if (!givesPairs(kind)) {
      if (rights.length > 0 === (kind === 'semi')) for (const left of lefts) this.#emit(end - 1, out, left.row, window);
    } else if (lefts.length > 0 && rights.length > 0) {
      for (const left of lefts) for (const right of rights) this.#emit(end - 1, out, left.row, right.row, window);
    } else {
      if (givesUnmatched(kind, LEFT)) for (const left of lefts) this.#emit(end - 1, out, left.row, null, window);
      if (givesUnmatched(kind, RIGHT)) for (const right of rights) this.#emit(end - 1, out, null, right.row, window);
    }
  }

  #emit(timestamp: Timestamp, out: Collector, ...rowsAndWindow: readonly unknown[]): void {
    this.#results.add(this.#join(...rowsAndWindow), timestamp);
    if (this.#results.length >= FULL_BATCH) this.#results.emit(out, RESULTS);
  }
}
