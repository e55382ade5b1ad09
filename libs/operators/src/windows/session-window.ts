import type { Batch, Collector, Key, KeyTable, Operator, OperatorContext, OperatorObserver, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { EARLY, LATE, MIN_WATERMARK, ON_TIME, keyGroupOf } from '@weir/model';
import { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { WindowAggregateOptions } from '../window-aggregate.ts';
import type { SessionAssigner } from './assigner.ts';
import { EarlyPeriod } from './early-period.ts';
import { LATE_ROWS, ResultBuilder } from './result-builder.ts';
import { Sessions } from './sessions.ts';
import type { Session } from './sessions.ts';

/**
 * Session windows. A row joins or merges the sessions that it touches first, and is tested for lateness by the window that comes of
 * it. A session that has fired and then changes its bounds is withdrawn, because its window is part of the result's identity.
 */
export class SessionWindow implements Operator {
  readonly #options: WindowAggregateOptions;
  readonly #gap: number;
  readonly #observer: OperatorObserver;
  readonly #keys: KeyTable;
  readonly #aggregates: AggregateSet;
  readonly #sessions: Sessions;
  readonly #results: ResultBuilder;
  readonly #early: EarlyPeriod | undefined;
  #watermark: Watermark = MIN_WATERMARK;
  #keySlots = new Int32Array(1024);
  #rowSlots = new Int32Array(1024);
  /** Sessions that this batch put rows into although they are closed. */
  readonly #closed = new Set<Session>();

  constructor(options: WindowAggregateOptions, assigner: SessionAssigner, context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#gap = assigner.gap;
    this.#observer = context.observer;
    this.#keys = context.state.keys(context.step);
    this.#aggregates = new AggregateSet(options.aggregators);
    this.#sessions = new Sessions(this.#keys, this.#aggregates);
    this.#results = new ResultBuilder(context.step);
    this.#early = options.trigger.early === undefined ? undefined : new EarlyPeriod(options.trigger.early);
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    if (batch.length === 0) return;
    if (this.#keySlots.length < batch.length) {
      this.#keySlots = new Int32Array(batch.length * 2);
      this.#rowSlots = new Int32Array(batch.length * 2);
    }
    this.#keys.resolve(batch, this.#options.key, this.#keySlots);
    const refused: number[] = [];
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const session = this.#place(this.#keySlots[i]!, batch.timestamps[position]!);
      this.#rowSlots[i] = session === undefined ? -1 : session.slot;
      if (session === undefined) refused.push(i);
    }
    this.#sessions.settle(this.#rowSlots, batch.length);
    this.#aggregates.addBatch(this.#rowSlots, batch);
    this.#sessions.releaseMerged();
    if (refused.length > 0) this.#refuse(batch, refused, out);
    if (refused.length < batch.length) this.#observer.counted(batch.length - refused.length);
    for (const session of [...this.#closed].sort(byBounds)) {
      if (session.merged || session.end > this.#watermark) continue;
      if (!session.closed) this.#sessions.close(session);
      this.#fire(session, LATE);
    }
    this.#closed.clear();
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
  }

  onTick(now: Timestamp, out: Collector): void {
    if (this.#early === undefined || !this.#early.isDue(now)) return;
    for (const session of this.#sessions.all()) {
      if (session.touched && session.end > this.#watermark) this.#fire(session, EARLY);
    }
    this.#results.emit(out);
  }

  snapshot(writer: StateWriter): void {
    const operator = writer.operator('clock');
    operator.float64(this.#watermark);
    operator.float64(this.#early?.last ?? Number.NaN);
    for (const session of this.#sessions.all()) {
      const key = this.#keys.keyAt(session.keySlot);
      const section = writer.keyed('sessions', keyGroupOf(key));
      section.key(key);
      section.float64(session.start);
      section.float64(session.end);
      section.int32(session.firings);
      section.uint8((session.touched ? 1 : 0) | (session.closed ? 2 : 0));
      this.#aggregates.write(session.slot, section);
    }
  }

  #restore(reader: StateReader): void {
    const operator = reader.operator('clock');
    if (operator !== undefined) {
      this.#watermark = operator.float64();
      this.#early?.restore(operator.float64());
    }
    for (const section of reader.keyed('sessions')) {
      while (section.remaining > 0) {
        const session = this.#sessions.open(this.#keys.obtain(section.key()), section.float64(), section.float64());
        session.firings = section.int32();
        const flags = section.uint8();
        session.touched = (flags & 1) !== 0;
        if ((flags & 2) !== 0) this.#sessions.close(session);
        this.#aggregates.read(session.slot, section);
      }
    }
  }

  /** The session that takes the row, after merging; undefined when it would be closed for good. */
  #place(keySlot: number, timestamp: Timestamp): Session | undefined {
    const rowEnd = timestamp + this.#gap;
    const mine = this.#sessions.ofKey(keySlot);
    let first: Session | undefined;
    let end = rowEnd;
    for (const session of mine) {
      if (session.start > rowEnd || session.end < timestamp) continue;
      first ??= session;
      if (session.end > end) end = session.end;
    }
    if (end + this.#options.allowedLateness <= this.#watermark) return undefined;
    if (first === undefined) {
      first = this.#sessions.open(keySlot, timestamp, rowEnd);
    } else {
      this.#absorb(first, mine, timestamp, rowEnd);
    }
    first.touched = true;
    if (first.end <= this.#watermark) this.#closed.add(first);
    return first;
  }

  /** Stretches a session over the row's own window, and merges every other session that touches it into it. */
  #absorb(into: Session, mine: readonly Session[], timestamp: Timestamp, rowEnd: Timestamp): void {
    const others = mine.filter((session) => session !== into && session.start <= rowEnd && session.end >= timestamp);
    const start = Math.min(into.start, timestamp, ...others.map((session) => session.start));
    const end = Math.max(into.end, rowEnd, ...others.map((session) => session.end));
    for (const session of others) {
      this.#withdraw(session);
      this.#sessions.merge(into, session);
    }
    if (start === into.start && end === into.end) return;
    this.#withdraw(into);
    this.#sessions.stretch(into, start, end);
  }

  #withdraw(session: Session): void {
    if (session.firings === 0) return;
    this.#results.withdraw(this.#keyOf(session), session.start, session.end, LATE, session.firings, this.#aggregates.finish(session.slot));
    session.firings = 0;
  }

  #fire(session: Session, timing: number): void {
    if (this.#options.accumulation === 'discarding' && !session.touched) return;
    const isLast = this.#watermark >= session.end + this.#options.allowedLateness;
    this.#results.add(this.#keyOf(session), session.start, session.end, timing, session.firings, isLast, this.#aggregates.finish(session.slot));
    session.firings++;
    session.touched = false;
    if (this.#options.accumulation === 'discarding') this.#aggregates.reset(session.slot);
  }

  #refuse(batch: Batch, refused: readonly number[], out: Collector): void {
    const positions = Int32Array.from(refused, (i) => batch.rows[i]!);
    this.#observer.late(refused.length);
    if (this.#observer.wantsRejections) {
      refused.forEach((i, at) => {
        const timestamp = batch.timestamps[positions[at]!]!;
        this.#observer.rejected(batch, positions[at]!, this.#keys.keyAt(this.#keySlots[i]!), timestamp, timestamp + this.#gap);
      });
    }
    for (const i of refused) this.#sessions.releaseKeyIfEmpty(this.#keySlots[i]!);
    out.emit(batch.select(positions, positions.length), LATE_ROWS);
  }

  #keyOf(session: Session): Key {
    return this.#keys.keyAt(session.keySlot);
  }
}

function byBounds(a: Session, b: Session): number {
  return a.end - b.end || a.start - b.start;
}
