import type { Batch, Collector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Watermark } from '@weir/model';
import { MIN_WATERMARK, durationText } from '@weir/model';
import { RowOutput } from '../rows/row-output.ts';
import { LEFT, RESULTS, RIGHT, givesPairs, givesUnmatched } from './join-kind.ts';
import type { JoinKind, JoinedRows } from './join-kind.ts';
import { DEFAULT_MAX_ROWS, joinSpec, refuseChangelog } from './join-spec.ts';
import type { JoinOptions } from './join-spec.ts';
import { JoinState } from './join-state.ts';
import { compareKept, keptRow } from './kept-row.ts';
import type { KeptRow } from './kept-row.ts';
import { reachOf } from './reach.ts';
import type { IntervalBounds, Reach } from './reach.ts';
import { WaitingRows } from './waiting-rows.ts';

/** The decisions of an interval join; `kind` is always spelled. */
export interface IntervalJoinOptions<Kind extends JoinKind, Left = never, Right = never, Out = unknown> extends JoinOptions<Left, Right>, IntervalBounds {
  readonly kind: Kind;
  /** Makes the result of a pair, or of a row that met no other; pure. */
  readonly join: (...rows: JoinedRows<Kind, Left, Right>) => Out;
}

/** The joining function as the engine calls it. */
type Join = (left: unknown, right?: unknown) => unknown;

/** Results that are collected before they are emitted. */
const FULL_BATCH = 1_024;

/**
 * Joins the rows of a key that lie near each other in time: left.ts + lower <= right.ts <= left.ts + upper (each bound inclusive or
 * exclusive). A pair is emitted when its second row arrives, in the order (timestamp, partition, offset) of the rows that it meets, with
 * the larger of both times. A row that met none is emitted once the watermark says that none can follow, with its own time; it is never
 * emitted before, and nothing is withdrawn. `semi` gives a left row at its first match, with its own time.
 * Rows with timestamp < W go to `lateLeft` or `lateRight` and meet nothing, since others may have been told already that they met none.
 * Throws JOIN_BOUNDS and JOIN_MAX_ROWS; at run time JOIN_STATE_LIMIT, and JOIN_CHANGELOG for rows that take others back.
 */
export function intervalJoin<const Kind extends JoinKind, Left, Right, Out>(options: IntervalJoinOptions<Kind, Left, Right, Out>): OperatorSpec {
  const reach = reachOf(options);
  const { between, lower = 'inclusive', upper = 'inclusive', kind } = options;
  const detail = `${kind}, right - left in ${lower === 'inclusive' ? '[' : '('}${distanceText(between[0])}, ${distanceText(between[1])}${upper === 'inclusive' ? ']' : ')'}`;
  // The row types have done their work in the signature; the engine treats all rows alike.
  const made = options as unknown as IntervalJoinOptions<JoinKind>;
  return joinSpec('interval-join', made, detail, (context, restored) => new IntervalJoin(made, reach, context, restored));
}

/** A distance in time as a user would spell it; negative ones point backwards. */
function distanceText(distance: number): string {
  return distance < 0 ? `-${durationText(-distance)}` : durationText(distance);
}

class IntervalJoin implements Operator {
  readonly #options: IntervalJoinOptions<JoinKind>;
  readonly #join: Join;
  readonly #givesPairs: boolean;
  readonly #context: OperatorContext;
  readonly #reaches: readonly [Reach, Reach];
  readonly #state: JoinState;
  /** Rows that may still turn out to have met none, by input; absent where nobody asks. */
  readonly #waiting: readonly [WaitingRows | undefined, WaitingRows | undefined];
  readonly #results = new RowOutput();
  #watermark: Watermark = MIN_WATERMARK;
  #keySlots = new Int32Array(1024);
  #late = new Int32Array(1024);
  /** Keys of which a row of the batch was not kept, or the last one was taken out. */
  readonly #emptied = new Set<number>();

  constructor(options: IntervalJoinOptions<JoinKind>, reach: Reach, context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#join = options.join as unknown as Join;
    this.#givesPairs = givesPairs(options.kind);
    this.#context = context;
    const reaches = [reach, reach.reversed()] as const;
    this.#reaches = reaches;
    this.#state = new JoinState(
      context,
      options.maxRows ?? DEFAULT_MAX_ROWS,
      (timestamp, watermark) => reaches[LEFT].isBeyond(timestamp, watermark),
      (timestamp, watermark) => reaches[RIGHT].isBeyond(timestamp, watermark),
    );
    const waits = (input: number): WaitingRows | undefined =>
      givesUnmatched(options.kind, input) || (options.kind === 'semi' && input === LEFT) ? new WaitingRows() : undefined;
    this.#waiting = [waits(LEFT), waits(RIGHT)];
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector, input: number): void {
    const { length, rows, timestamps } = batch;
    if (length === 0) return;
    refuseChangelog(batch, this.#context);
    if (this.#keySlots.length < length) {
      this.#keySlots = new Int32Array(length * 2);
      this.#late = new Int32Array(length * 2);
    }
    this.#state.keys.resolve(batch, input === LEFT ? this.#options.left : this.#options.right, this.#keySlots);
    let late = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      if (timestamps[position]! < this.#watermark) {
        this.#late[late++] = position;
        this.#emptied.add(this.#keySlots[i]!);
      } else {
        this.#take(input, this.#keySlots[i]!, keptRow(batch, position, this.#state.nextArrival()), out);
      }
    }
    for (const keySlot of this.#emptied) this.#state.releaseIfEmpty(keySlot);
    this.#emptied.clear();
    if (late > 0) {
      this.#context.observer.late(late);
      out.emit(batch.select(this.#late, late), input + 1);
    }
    if (late < length) this.#context.observer.counted(length - late);
    this.#results.emit(out, RESULTS);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    const unmatched = [LEFT, RIGHT].flatMap((input) => this.#takeUnmatched(input).map((kept) => ({ input, kept })));
    unmatched.sort((a, b) => a.kept.timestamp - b.kept.timestamp || a.input - b.input || compareKept(a.kept, b.kept));
    for (const { input, kept } of unmatched) this.#emitUnmatched(input, kept, out);
    this.#results.emit(out, RESULTS);
    this.#state.expire(watermark);
  }

  /** Rows that may still come out as having met none, or as the first match of `semi`, hold it back. */
  outputWatermark(): Watermark {
    return Math.min(this.#watermark, this.#leastWaiting(LEFT), this.#leastWaiting(RIGHT));
  }

  snapshot(writer: StateWriter): void {
    writer.operator('clock').float64(this.#watermark);
    this.#state.write(writer, 'rows');
  }

  #restore(reader: StateReader): void {
    // What any instance has said stays said.
    for (const section of reader.operators('clock')) this.#watermark = Math.max(this.#watermark, section.float64());
    this.#state.read(reader, 'rows', (input, kept) => {
      if (kept.matches === 0) this.#waiting[input]?.push(kept);
    });
  }

  /** Joins a row with what is kept of the other input, and keeps it if more can come. */
  #take(input: number, keySlot: number, own: KeptRow, out: Collector): void {
    const other = this.#state.side(1 - input);
    const timeline = other.timeline(keySlot);
    if (timeline !== undefined) {
      const reach = this.#reaches[input]!;
      const from = timeline.firstWithin(own.timestamp, reach);
      const to = timeline.firstBeyond(own.timestamp, reach);
      if (from < to) {
        own.matches = 1;
        for (let index = from; index < to; index++) this.#meet(input, own, timeline.at(index), out);
        if (!this.#givesPairs) {
          if (input === LEFT) {
            if (this.#options.kind === 'semi') this.#emit(own.row, null, own.timestamp, out);
            return; // nothing more will be said of it
          }
          other.remove(timeline, from, to); // nor of these
          if (timeline.size === 0) this.#emptied.add(keySlot);
        }
      }
    }
    this.#keep(input, keySlot, own, out);
  }

  #meet(input: number, own: KeptRow, met: KeptRow, out: Collector): void {
    if (met.matches === 0) {
      met.matches = 1;
      this.#waiting[1 - input]?.meet();
    }
    if (this.#givesPairs) {
      const timestamp = Math.max(own.timestamp, met.timestamp);
      if (input === LEFT) this.#emit(own.row, met.row, timestamp, out);
      else this.#emit(met.row, own.row, timestamp, out);
    } else if (this.#options.kind === 'semi' && input === RIGHT) {
      this.#emit(met.row, null, met.timestamp, out);
    }
  }

  #keep(input: number, keySlot: number, own: KeptRow, out: Collector): void {
    if (this.#state.side(input).isDead(own.timestamp, this.#watermark)) {
      if (own.matches === 0) this.#emitUnmatched(input, own, out);
      this.#emptied.add(keySlot);
      return;
    }
    this.#state.insert(input, keySlot, own);
    if (own.matches === 0) this.#waiting[input]?.push(own);
  }

  /** The rows of an input that have met none, and can meet none any more. */
  #takeUnmatched(input: number): readonly KeptRow[] {
    return this.#waiting[input]?.takeDead((timestamp) => this.#state.side(input).isDead(timestamp, this.#watermark)) ?? [];
  }

  #emitUnmatched(input: number, { row, timestamp }: KeptRow, out: Collector): void {
    if (!givesUnmatched(this.#options.kind, input)) return;
    if (input === LEFT) this.#emit(row, null, timestamp, out);
    else this.#emit(null, row, timestamp, out);
  }

  #emit(left: unknown, right: unknown, timestamp: number, out: Collector): void {
    this.#results.add(this.#givesPairs ? this.#join(left, right) : this.#join(left), timestamp);
    if (this.#results.length >= FULL_BATCH) this.#results.emit(out, RESULTS);
  }

  #leastWaiting(input: number): Watermark {
    return this.#waiting[input]?.least() ?? Number.POSITIVE_INFINITY;
  }
}
