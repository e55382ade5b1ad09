import { MAX_WATERMARK, milliseconds } from '@weir/model';
import type { OperatorSpec } from '@weir/model';
import { ParallelRun, cases, scenarioBatch } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpiryQueue, StatePlace } from './keyed-state.ts';
import type { CurrentKey, KeyEntry, Stamped } from './keyed-state.ts';
import { listState } from './list-state.ts';
import { mapState } from './map-state.ts';
import { process } from './process.ts';
import { ProcessClock } from './process-clock.ts';
import type { ProcessContext, ProcessOptions, StateDeclarations, Timer } from './process-function.ts';
import { output } from './process-function.ts';
import { checkedTtl } from './ttl.ts';
import { valueState } from './value-state.ts';

interface Row {
  readonly at: number;
  readonly key: string;
}

type Context<States extends StateDeclarations> = ProcessContext<string, States, unknown, { side: { rows?: unknown } }>;

function spec<States extends StateDeclarations>(
  state: States,
  onRow: (row: Row, ctx: Context<States>) => void,
  onTimer?: (timer: Timer, ctx: Context<States>) => void,
  options: ProcessOptions = {},
): OperatorSpec {
  return process({
    key: { field: 'key' },
    ...options,
    function: { state, emits: output<unknown>(), outputs: { side: output<unknown>() }, onRow, ...(onTimer === undefined ? {} : { onTimer }) },
  });
}

const run = (made: OperatorSpec): ParallelRun => new ParallelRun(made, 1);
const push = (to: ParallelRun, ...rows: readonly Row[]): void => to.rows(0, scenarioBatch('in', 0, rows, 0));
const a = (at: number): Row => ({ at, key: 'a' });

describe('a process function', () => {
  it('may take what it needs out of its context', () => {
    const made = run(
      spec({ seen: valueState<number>() }, (row, { emit, emitTo, state: { seen } }) => {
        seen.set((seen.get() ?? 0) + 1);
        emit(seen.get());
        emitTo('side', row.at);
      }),
    );
    push(made, a(1), a(2));
    expect(made.emitted.map(({ port, row }) => [port, row])).toEqual([['out', 1], ['out', 2], ['side', 1], ['side', 2]]);
  });
});

describe('timers', () => {
  it('fire at the very watermark, before rows of that time, and a late one at once', () => {
    const made = run(
      spec(
        {},
        (row, ctx) => {
          ctx.emit(`row ${row.at}`);
          ctx.timers.at(10);
        },
        (timer, ctx) => ctx.emit(`timer ${timer.time} at ${ctx.watermark}`),
        { order: 'event-time' },
      ),
    );
    push(made, a(10), a(0), a(11));
    made.watermark(10);
    expect(made.emitted.map(({ row }) => row)).toEqual(['row 0', 'timer 10 at 10']);
    made.watermark(12);
    // Each of the rows sets it anew, for a time that has passed.
    expect(made.emitted.slice(2).map(({ row }) => row)).toEqual(['row 10', 'timer 10 at 10', 'row 11', 'timer 10 at 11']);
  });

  it('let out the last instant of what they end, and nothing older', () => {
    const made = run(
      spec(
        {},
        (_row, ctx) => ctx.timers.at(100),
        (_timer, ctx) => {
          ctx.emit('last', { timestamp: 99 });
          ctx.emit('older', { timestamp: 3 });
        },
      ),
    );
    push(made, a(5));
    made.watermark(200);
    expect(made.emitted.map(({ row, timestamp }) => [row, timestamp])).toEqual([
      ['last', 99],
      ['older', 99],
    ]);
  });

  it('of processing time fire on ticks only, and one that is set while they fire waits for the next', () => {
    const made = run(
      spec(
        {},
        (_row, ctx) => ctx.timers.atProcessingTime(5),
        (timer, ctx) => {
          ctx.emit(`${timer.kind} ${timer.time} ${ctx.now}`);
          ctx.timers.atProcessingTime(6);
        },
      ),
    );
    push(made, a(1));
    made.tick(4);
    expect(made.emitted).toEqual([]);
    made.tick(9);
    expect(made.emitted.map(({ row }) => row)).toEqual(['processing-time 5 9']);
    made.tick(9);
    expect(made.emitted.map(({ row }) => row).slice(1)).toEqual(['processing-time 6 9']);
  });

  it('that set themselves again end some time after the input', () => {
    const made = run(
      spec(
        {},
        (row, ctx) => ctx.timers.at(row.at + 1),
        (timer, ctx) => {
          ctx.emit(timer.time);
          ctx.timers.at(timer.time + 1);
        },
      ),
    );
    push(made, a(0), { at: 0, key: 'b' });
    made.watermark(3);
    expect(made.emitted).toHaveLength(6);
    made.watermark(MAX_WATERMARK);
    expect(made.emitted).toHaveLength(6 + 2 * 101);
  });

  it('that set each other for the past are refused, and so are too many and those for no time', () => {
    const loop = run(
      spec(
        {},
        (_row, ctx) => ctx.timers.at(0),
        (_timer, ctx) => ctx.timers.at(0),
      ),
    );
    loop.watermark(10);
    expect(() => push(loop, a(20))).toThrow(/TIMER_LOOP/);
    expect(() => push(run(spec({}, (row, ctx) => ctx.timers.at(row.at), undefined, { maxTimers: 2 })), a(1), a(2), a(3))).toThrow(/TIMER_LIMIT/);
    expect(() => push(run(spec({}, (_row, ctx) => ctx.timers.at(Number.NaN))), a(1))).toThrow(/TIMER_TIME/);
  });
});

describe('state', () => {
  it('has bounds, in which what expired does not count', () => {
    const lists = (): ParallelRun =>
      run(spec({ list: listState<number>({ limit: 2, ttl: milliseconds(10) }) }, (row, ctx) => ctx.state.list.add(row.at), undefined, { cleanUp: 0 }));
    expect(() => push(lists(), a(1), a(2), a(3))).toThrow(/STATE_LIMIT/);
    const aged = lists();
    push(aged, a(1), a(2));
    aged.watermark(50);
    expect(() => push(aged, a(51), a(52))).not.toThrow();
    expect(() => push(run(spec({ map: mapState<number, number>({ limit: 2 }) }, (row, ctx) => ctx.state.map.set(row.at, 1))), a(1), a(2), a(2), a(3))).toThrow(
      /STATE_LIMIT.*'map' of key "a"/,
    );
  });

  it('is refused without a time to live that is above zero', () => {
    expect(() => valueState({ ttl: milliseconds(0) })).toThrow(/STATE_TTL/);
  });

  it('cannot be used when its call has returned', () => {
    let kept: Context<{ value: ReturnType<typeof valueState<number>> }> | undefined;
    const made = run(
      spec({ value: valueState<number>() }, (_row, ctx) => {
        kept = ctx;
      }),
    );
    push(made, a(1));
    expect(() => kept!.state.value.get()).toThrow(/PROCESS_CONTEXT_KEPT/);
    expect(() => kept!.timers.at(5)).toThrow(/PROCESS_CONTEXT_KEPT/);
  });

  it('leaves nothing behind when it is cleared or has expired', () => {
    const made = run(
      spec({ value: valueState<number>({ ttl: milliseconds(5) }), other: mapState<string, number>() }, (row, ctx) => {
        ctx.state.value.set(1);
        ctx.state.other.set('x', 1);
        ctx.state.other.delete('x');
        ctx.timers.at(row.at + 1);
      }),
    );
    const empty = run(spec({ value: valueState<number>({ ttl: milliseconds(5) }), other: mapState<string, number>() }, () => undefined));
    for (let at = 0; at < 50; at++) push(made, { at, key: `k${at}` });
    for (const each of [made, empty]) each.watermark(100);
    expect(made.snapshots()).toEqual(empty.snapshots());
  });

  it('that was written before a ttl was asked for lives until it is written again', () => {
    const before = run(spec({ value: valueState<number>() }, (row, ctx) => ctx.state.value.set(row.at)));
    push(before, a(1));
    const after = new ParallelRun(
      spec({ value: valueState<number>({ ttl: milliseconds(5) }) }, (row, ctx) => {
        ctx.emit(ctx.state.value.get());
        if (row.at === 100) ctx.state.value.set(100);
      }),
      1,
      { snapshots: before.snapshots(), watermark: 0 },
    );
    push(after, a(50), a(100), a(104), a(105));
    expect(after.emitted.map(({ row }) => row)).toEqual([1, 1, 100, undefined]);
  });
});

describe('outputs', () => {
  it('have names of their own, and are declared', () => {
    const clash = { emits: output<number>(), outputs: { late: output<number>() }, onRow: () => undefined };
    expect(() => process({ key: { field: 'key' }, order: 'event-time', function: clash })).toThrow(/PROCESS_OUTPUT/);
    expect(process({ key: { field: 'key' }, function: clash }).outputs).toEqual(['out', 'late']);
    expect(() => push(run(spec({}, (_row, ctx) => ctx.emitTo('unknown' as 'side', 1))), a(1))).toThrow(/PROCESS_OUTPUT/);
  });

  it('carry the change that is asked for', () => {
    const made = run(
      spec({}, (_row, ctx) => {
        ctx.emit(1, { change: 'delete' });
        ctx.emitTo('side', ctx.change);
      }),
    );
    push(made, a(1));
    expect(made.emitted.map(({ port, row, change }) => [port, row, change])).toEqual([
      ['out', 1, 'delete'],
      ['side', 'insert', 'insert'],
    ]);
  });
});

describe('the cleaning', () => {
  it('looks at no more than its bound at a time, at nothing that lives, and in the end at all that expired', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 50 }),
        (times, budget, now) => {
          const clock = new ProcessClock();
          const queue = new ExpiryQueue();
          const current: CurrentKey = { entry: undefined };
          const place = new StatePlace('step', 'value', 0, checkedTtl(milliseconds(5)), current, clock, queue);
          place.bound = valueState<number>().bind(place);
          const held = times.map((time, slot): KeyEntry => {
            const entry: KeyEntry = { key: slot, slot, cells: [undefined], timers: 0, waiting: 0, afterEnd: 0 };
            current.entry = entry;
            entry.cells[0] = place.element(time, time);
            return entry;
          });
          clock.watermark = now;
          const emptied: number[] = [];
          const dead = times.filter((time) => time + 5 <= now).length;
          for (let left = dead; left > 0; left -= budget) expect(queue.clean(now, budget, ({ slot }) => emptied.push(slot))).toBe(Math.min(left, budget));
          expect(queue.clean(now, budget, () => undefined)).toBe(0);
          expect(emptied.sort((x, y) => x - y)).toEqual([...times.keys()].filter((slot) => times[slot]! + 5 <= now));
          for (const [slot, time] of times.entries()) expect((held[slot]!.cells[0] as Stamped | undefined)?.value).toBe(time + 5 <= now ? undefined : time);
        },
      ),
      { numRuns: cases(200) },
    );
  });
});
