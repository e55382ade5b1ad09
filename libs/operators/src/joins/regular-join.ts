import type { Batch, Collector, Duration, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { DELETE, INSERT, MIN_WATERMARK, WeirError, durationText, isRetraction } from '@weir/model';
import { EventTimeBuffer } from '../rows/event-time-buffer.ts';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { RowOutput } from '../rows/row-output.ts';
import { sameRow } from '../tables/same-row.ts';
import { LEFT, RESULTS, givesUnmatched } from './join-kind.ts';
import type { JoinedRows, RegularJoinKind } from './join-kind.ts';
import { DEFAULT_MAX_ROWS, joinSpec } from './join-spec.ts';
import type { JoinOptions } from './join-spec.ts';
import { JoinState } from './join-state.ts';
import type { KeptRow } from './kept-row.ts';
import { Reach } from './reach.ts';
import type { Timeline } from './timeline.ts';

/** The decisions of a regular join; `kind` and `ttl` are always spelled. */
export interface RegularJoinOptions<Kind extends RegularJoinKind, Left = never, Right = never, Out = unknown> extends JoinOptions<Left, Right> {
  readonly kind: Kind;
  /** A row lives in [timestamp, timestamp + ttl): later rows do not meet it, and what it has made stays as it is. */
  readonly ttl: Duration;
  /** Makes the row of a pair, or of a row that has met no other yet; pure, because what it made is made again to be taken back. */
  readonly join: (...rows: JoinedRows<Kind, Left, Right>) => Out;
}

type Join = (left: unknown, right: unknown) => unknown;

/** Results that are collected before they are emitted. */
const FULL_BATCH = 1_024;

/**
 * Joins two changelogs by key, symmetrically: a row meets those of the other input that live at its time. The result is a changelog of
 * inserts and deletes: a row that is deleted or updated takes its pairs back, and in an outer join the row beside null is taken back when
 * the first match comes, and said again when the last one goes.
 * Rows wait for the watermark and are applied in the order (timestamp, input, partition, offset), so that the result does not depend on
 * how the inputs were interleaved; at one instant all rows are added before any is taken back, so that an update shows no gap. The time
 * of a change is that of the row which made it. A row that takes back one that is not there, or that has outlived its `ttl`, changes
 * nothing; of several equal rows the newest goes.
 * Rows with timestamp < W go to `lateLeft` or `lateRight`. Searching the row to take back is O(n) in the rows of its key.
 * Throws JOIN_TTL and JOIN_MAX_ROWS; at run time JOIN_STATE_LIMIT, and BUFFER_FULL when more than `maxRows` wait for the watermark.
 */
export function regularJoin<const Kind extends RegularJoinKind, Left, Right, Out>(options: RegularJoinOptions<Kind, Left, Right, Out>): OperatorSpec {
  if (options.ttl <= 0) throw new WeirError('JOIN_TTL', `The rows of a join cannot live for ${options.ttl} ms.`, { remedy: 'Use a duration above zero.' });
  // The row types have done their work in the signature; the engine treats all rows alike.
  const made = options as unknown as RegularJoinOptions<RegularJoinKind>;
  return joinSpec('regular-join', made, `${made.kind}, ttl ${durationText(made.ttl)}`, (context, restored) => new RegularJoin(made, context, restored));
}

class RegularJoin implements Operator {
  readonly #options: RegularJoinOptions<RegularJoinKind>;
  readonly #join: Join;
  readonly #context: OperatorContext;
  readonly #state: JoinState;
  readonly #buffer: EventTimeBuffer;
  /** The other rows that a row meets: those less than `ttl` before it, and none is behind it. */
  readonly #reach: Reach;
  /** How many rows of a key wait, by key slot. */
  readonly #waiting = new Map<number, number>();
  readonly #results = new RowOutput();
  #watermark: Watermark = MIN_WATERMARK;
  #keySlots = new Int32Array(1024);
  #late = new Int32Array(1024);

  constructor(options: RegularJoinOptions<RegularJoinKind>, context: OperatorContext, restored?: StateReader) {
    const { ttl, maxRows = DEFAULT_MAX_ROWS } = options;
    this.#options = options;
    this.#join = options.join as unknown as Join;
    this.#context = context;
    this.#reach = new Reach(-ttl, Number.POSITIVE_INFINITY, true, false);
    const isDead = (timestamp: Timestamp, watermark: Watermark): boolean => watermark - timestamp >= ttl;
    this.#state = new JoinState(context, maxRows, isDead, isDead, (keySlot) => this.#waiting.has(keySlot));
    this.#buffer = new EventTimeBuffer(this.#state.keys, { limit: maxRows, step: context.step });
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector, input: number): void {
    const { length, rows, timestamps } = batch;
    if (length === 0) return;
    if (this.#keySlots.length < length) {
      this.#keySlots = new Int32Array(length * 2);
      this.#late = new Int32Array(length * 2);
    }
    this.#state.keys.resolve(batch, input === LEFT ? this.#options.left : this.#options.right, this.#keySlots);
    let late = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const keySlot = this.#keySlots[i]!;
      if (timestamps[position]! < this.#watermark) {
        this.#late[late++] = position;
      } else {
        this.#buffer.add(keySlot, input, batch, position);
        this.#waits(keySlot, 1);
      }
    }
    if (late > 0) {
      for (let i = 0; i < length; i++) this.#state.releaseIfEmpty(this.#keySlots[i]!);
      this.#context.observer.late(late);
      out.emit(batch.select(this.#late, late), input + 1);
    }
    if (late < length) this.#context.observer.counted(length - late);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    const applied = new Set<number>();
    /** Of the present instant. */
    let takenBack: Waiting[] = [];
    this.#buffer.drain(watermark, (waiting) => {
      applied.add(waiting.keySlot);
      this.#waits(waiting.keySlot, -1);
      if (takenBack.length > 0 && takenBack[0]!.timestamp < waiting.timestamp) {
        for (const each of takenBack) this.#takeBack(each, out);
        takenBack = [];
      }
      if (isRetraction(waiting.change)) takenBack.push(waiting);
      else this.#add(waiting, out);
    });
    for (const each of takenBack) this.#takeBack(each, out);
    this.#results.emit(out, RESULTS);
    this.#state.expire(watermark);
    for (const keySlot of applied) this.#state.releaseIfEmpty(keySlot);
  }

  snapshot(writer: StateWriter): void {
    writer.operator('clock').float64(this.#watermark);
    this.#buffer.write(writer, 'waiting');
    this.#state.write(writer, 'rows');
  }

  #restore(reader: StateReader): void {
    // What any instance has said stays said.
    for (const section of reader.operators('clock')) this.#watermark = Math.max(this.#watermark, section.float64());
    this.#buffer.read(reader, 'waiting', (keySlot) => this.#waits(keySlot, 1));
    this.#state.read(reader, 'rows');
  }

  /** One row of a key more waits, or one less. */
  #waits(keySlot: number, more: number): void {
    const count = (this.#waiting.get(keySlot) ?? 0) + more;
    if (count === 0) this.#waiting.delete(keySlot);
    else this.#waiting.set(keySlot, count);
  }

  #add({ keySlot, input, timestamp, partition, offset, row }: Waiting, out: Collector): void {
    const own: KeptRow = { timestamp, partition, offset, arrival: this.#state.nextArrival(), row, matches: 0 };
    const others = this.#state.side(1 - input).timeline(keySlot);
    for (let index = this.#firstAlive(others, timestamp); others !== undefined && index < others.size; index++) {
      const other = others.at(index);
      if (other.matches === 0) this.#sayAlone(1 - input, other.row, timestamp, DELETE, out);
      other.matches++;
      own.matches++;
      this.#say(input, row, other.row, timestamp, INSERT, out);
    }
    if (own.matches === 0) this.#sayAlone(input, row, timestamp, INSERT, out);
    this.#state.insert(input, keySlot, own);
  }

  #takeBack({ keySlot, input, timestamp, row }: Waiting, out: Collector): void {
    const side = this.#state.side(input);
    const mine = side.timeline(keySlot);
    const place = mine === undefined ? -1 : newestEqual(mine, this.#firstAlive(mine, timestamp), row);
    if (mine === undefined || place < 0) return;
    const own = mine.at(place);
    side.remove(mine, place, place + 1);
    if (own.matches === 0) this.#sayAlone(input, own.row, timestamp, DELETE, out);
    const others = this.#state.side(1 - input).timeline(keySlot);
    // Both live now, so the one that came first lived when the other came: the pair was said.
    for (let index = this.#firstAlive(others, timestamp); others !== undefined && index < others.size; index++) {
      const other = others.at(index);
      this.#say(input, own.row, other.row, timestamp, DELETE, out);
      other.matches--;
      if (other.matches === 0) this.#sayAlone(1 - input, other.row, timestamp, INSERT, out);
    }
  }

  /** Index of the first row that still lives at a time. */
  #firstAlive(timeline: Timeline | undefined, timestamp: Timestamp): number {
    return timeline?.firstWithin(timestamp, this.#reach) ?? 0;
  }

  #say(input: number, own: unknown, other: unknown, timestamp: Timestamp, change: number, out: Collector): void {
    this.#results.add(input === LEFT ? this.#join(own, other) : this.#join(other, own), timestamp, change);
    if (this.#results.length >= FULL_BATCH) this.#results.emit(out, RESULTS);
  }

  /** A row beside null, where the join is outer on its input. */
  #sayAlone(input: number, row: unknown, timestamp: Timestamp, change: number, out: Collector): void {
    if (givesUnmatched(this.#options.kind, input)) this.#say(input, row, null, timestamp, change, out);
  }
}

/** Index of the last row at or behind `from` that is equal; -1 when there is none. */
function newestEqual(timeline: Timeline, from: number, row: unknown): number {
  for (let index = timeline.size - 1; index >= from; index--) if (sameRow(timeline.at(index).row, row)) return index;
  return -1;
}
