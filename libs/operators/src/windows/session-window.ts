import type { Batch, BinaryReader, Collector, Duration, Key, KeyTable, Operator, OperatorContext, OperatorObserver, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { EARLY, LATE, MAX_WATERMARK, MIN_WATERMARK, ON_TIME, invariant, keyGroupOf } from '@weir/model';
import { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { WindowAggregateOptions } from '../window-aggregate.ts';
import type { SessionAssigner } from './assigner.ts';
import { EarlyPeriod } from './early-period.ts';
import { LATE_ROWS, ResultBuilder } from './result-builder.ts';
import { Sessions, byEnd, lastStartingBy } from './sessions.ts';
import type { Session } from './sessions.ts';

const TOUCHED = 1;
const CLOSED = 2;

/**
 * Session windows. One is over when W > end, not when W is its end: a row of exactly that time may still come and belongs to it. A row joins or merges the sessions that it touches first, and is tested for lateness by the window that comes of
 * it. With accumulating results, a session that has fired and then changes its bounds is withdrawn, because its window is part of
 * the result's identity; with discarding ones nothing is, because the rows that were fired are nowhere else.
 */
export class SessionWindow implements Operator {
  readonly #options: WindowAggregateOptions;
  readonly #gap: number;
  readonly #discarding: boolean;
  readonly #observer: OperatorObserver;
  readonly #keys: KeyTable;
  readonly #aggregates: AggregateSet;
  readonly #sessions: Sessions;
  readonly #results: ResultBuilder;
  readonly #early: EarlyPeriod | undefined;
  #watermark: Watermark = MIN_WATERMARK;
  /** What was passed on. */
  #passed: Watermark = MIN_WATERMARK;
  #keySlots = new Int32Array(1024);
  #rowSlots = new Int32Array(1024);
  /** Sessions that this batch put rows into although the watermark has passed their end. */
  readonly #closed = new Set<Session>();

  constructor(options: WindowAggregateOptions, assigner: SessionAssigner, early: Duration | undefined, context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#gap = assigner.gap;
    this.#discarding = options.accumulation === 'discarding';
    this.#observer = context.observer;
    this.#keys = context.state.keys(context.step);
    this.#aggregates = new AggregateSet(options.aggregators);
    this.#sessions = new Sessions(this.#keys, this.#aggregates);
    this.#results = new ResultBuilder(context.step);
    this.#early = early === undefined ? undefined : new EarlyPeriod(early);
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows, timestamps } = batch;
    if (length === 0) return;
    if (this.#keySlots.length < length) {
      this.#keySlots = new Int32Array(length * 2);
      this.#rowSlots = new Int32Array(length * 2);
    }
    this.#keys.resolve(batch, this.#options.key, this.#keySlots);
    let refused = 0;
    for (let i = 0; i < length; i++) {
      const slot = this.#place(this.#keySlots[i]!, timestamps[rows[i]!]!);
      this.#rowSlots[i] = slot;
      if (slot < 0) refused++;
    }
    this.#sessions.settle(this.#rowSlots, length);
    this.#aggregates.addBatch(this.#rowSlots, batch);
    this.#sessions.releaseMerged();
    if (refused > 0) this.#refuse(batch, refused, out);
    if (refused < length) this.#observer.counted(length - refused);
    if (this.#closed.size > 0) this.#fireLate();
    this.#results.emit(out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    for (let session = this.#sessions.takeEnded(watermark); session !== undefined; session = this.#sessions.takeEnded(watermark)) {
      this.#fire(session, ON_TIME);
    }
    this.#results.emit(out);
    this.#sessions.expire(watermark - this.#options.allowedLateness);
    // A session that ends at W is still to fire, and the time of its result is end - 1.
    this.#passed = Math.max(this.#passed, this.#sessions.endsAt(watermark) ? watermark - 1 : watermark);
  }

  outputWatermark(): Watermark {
    return this.#passed;
  }

  onTick(now: Timestamp, out: Collector): void {
    if (this.#early === undefined || !this.#early.isDue(now)) return;
    for (const session of this.#sessions.touched()) this.#fire(session, EARLY);
    this.#results.emit(out);
  }

  snapshot(writer: StateWriter): void {
    const operator = writer.operator('clock');
    operator.float64(this.#watermark);
    operator.float64(this.#passed);
    operator.float64(this.#early?.last ?? Number.NaN);
    for (const [order, session] of this.#sessions.all().entries()) {
      const key = this.#keys.keyAt(session.keySlot);
      const keyGroup = keyGroupOf(key);
      const section = writer.keyed('sessions', keyGroup);
      section.key(key);
      section.float64(session.start);
      section.float64(session.end);
      section.int32(order);
      const values = writer.keyed('sessions.values', keyGroup);
      values.int32(session.firings);
      values.uint8((session.touched ? TOUCHED : 0) | (session.closed ? CLOSED : 0));
      this.#aggregates.write(session.slot, values);
    }
  }

  #restore(reader: StateReader): void {
    const clocks = reader.operators('clock');
    if (clocks.length > 0) this.#watermark = this.#passed = MAX_WATERMARK;
    // What is passed on is the least of all instances: a session of any of them may be here now.
    for (const operator of clocks) {
      this.#watermark = Math.min(this.#watermark, operator.float64());
      this.#passed = Math.min(this.#passed, operator.float64());
      this.#early?.restore(operator.float64());
    }
    const sections = [...reader.keyed('sessions')].map(spansOf);
    const opened = new Map<Span, Session>();
    for (const span of sections.flat().sort((a, b) => a.order - b.order)) opened.set(span, this.#sessions.open(this.#keys.obtain(span.key), span.start, span.end));
    const values = [...reader.keyed('sessions.values')];
    invariant(values.length === sections.length, 'sessions have values for each of their key groups');
    for (const [index, spans] of sections.entries()) {
      for (const span of spans) this.#restoreSession(opened.get(span)!, values[index]!);
    }
  }

  #restoreSession(session: Session, values: BinaryReader): void {
    session.firings = values.int32();
    const flags = values.uint8();
    session.touched = (flags & TOUCHED) !== 0;
    if ((flags & CLOSED) !== 0) this.#sessions.close(session);
    this.#aggregates.read(session.slot, values);
  }

  /** Slot of the session that takes the row, after merging; -1 when that would be closed for good. */
  #place(keySlot: number, timestamp: Timestamp): number {
    const rowEnd = timestamp + this.#gap;
    const mine = this.#sessions.ofKey(keySlot);
    const last = lastStartingBy(mine, rowEnd);
    let first = last + 1;
    while (first > 0 && mine[first - 1]!.end >= timestamp) first--;
    const isNew = first > last;
    const end = isNew ? rowEnd : Math.max(rowEnd, mine[last]!.end);
    if (end + this.#options.allowedLateness < this.#watermark) return -1;
    const session = isNew ? this.#sessions.open(keySlot, timestamp, end) : this.#join(mine, first, last, timestamp, end);
    session.touched = true;
    if (session.end < this.#watermark) this.#closed.add(session);
    return session.slot;
  }

  /** Makes one session of `mine[first..last]` and the row. */
  #join(mine: readonly Session[], first: number, last: number, timestamp: Timestamp, end: Timestamp): Session {
    const into = mine[first]!;
    const start = Math.min(into.start, timestamp);
    if (start === into.start && end === into.end) return into;
    this.#withdraw(into);
    if (last > first) {
      for (const other of mine.slice(first + 1, last + 1)) {
        this.#withdraw(other);
        this.#sessions.merge(into, other);
      }
    }
    this.#sessions.stretch(into, start, end);
    return into;
  }

  /** What fired under bounds that are no more; under the new ones the firings count from 0. */
  #withdraw(session: Session): void {
    if (session.firings === 0) return;
    if (!this.#discarding) {
      const timing = session.end < this.#watermark ? LATE : EARLY;
      this.#results.withdraw(this.#keys.keyAt(session.keySlot), session.start, session.end, timing, session.firings, this.#aggregates.finish(session.slot));
    }
    session.firings = 0;
  }

  #fireLate(): void {
    for (const session of [...this.#closed].sort(byEnd)) {
      if (session.gone || session.end >= this.#watermark) continue;
      if (!session.closed) this.#sessions.close(session);
      this.#fire(session, LATE);
    }
    this.#closed.clear();
  }

  #fire(session: Session, timing: number): void {
    if (this.#discarding && !session.touched) return;
    const isLast = this.#watermark > session.end + this.#options.allowedLateness;
    this.#results.add(this.#keys.keyAt(session.keySlot), session.start, session.end, timing, session.firings, isLast, this.#aggregates.finish(session.slot));
    session.firings++;
    session.touched = false;
    if (this.#discarding) this.#aggregates.reset(session.slot);
  }

  /** Sends the rows that no session took to the late output; a row's own window is what refused it. */
  #refuse(batch: Batch, refused: number, out: Collector): void {
    this.#observer.late(refused);
    this.#observer.refused?.(refused);
    const positions = new Int32Array(refused);
    let at = 0;
    for (let i = 0; i < batch.length; i++) {
      if (this.#rowSlots[i]! >= 0) continue;
      const position = batch.rows[i]!;
      positions[at++] = position;
      if (!this.#observer.wantsRejections) continue;
      const timestamp = batch.timestamps[position]!;
      this.#observer.rejected(batch, position, this.#keys.keyAt(this.#keySlots[i]!), timestamp, timestamp + this.#gap);
    }
    for (let i = 0; i < batch.length; i++) if (this.#rowSlots[i]! < 0) this.#sessions.releaseKeyIfEmpty(this.#keySlots[i]!);
    out.emit(batch.select(positions, refused), LATE_ROWS);
  }
}

interface Span {
  readonly key: Key;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly order: number;
}

function spansOf(section: BinaryReader): readonly Span[] {
  const spans: Span[] = [];
  while (section.remaining > 0) spans.push({ key: section.key(), start: section.float64(), end: section.float64(), order: section.int32() });
  return spans;
}
