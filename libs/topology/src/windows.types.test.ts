import { minutes, seconds } from '@weir/model';
import type { Duration } from '@weir/model';
import { afterCount, afterWatermark, count, countTumbling, delta, dynamicSession, every, global, or, repeat, sum, tumbling } from '@weir/operators';
import { describe, expectTypeOf, it } from 'vitest';
import type { KeyedStream, Stream, WindowResult } from './stream.ts';

interface Click {
  readonly user: string;
  readonly cents: number;
  readonly patience: Duration;
}

/** For the compiler's eyes: the function is never called. */
function compiled(_define: () => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

declare const keyed: KeyedStream<Click, string>;
const rest = { allowedLateness: seconds(0), accumulation: 'accumulating-and-retracting' } as const;

describe('the types of windows', () => {
  it('let triggers and assigners know the row, within combinators too', () => {
    compiled(() => {
      keyed.window(global(), { ...rest, trigger: delta('cents', 5) });
      keyed.window(global(), { ...rest, trigger: delta((click) => click.cents * 2, 5) });
      keyed.window(global(), { ...rest, trigger: afterWatermark({ early: or(delta('cents', 5), repeat(afterCount(3)), every(seconds(1))), late: afterCount(2) }) });
      keyed.window(dynamicSession('cents'), { ...rest, trigger: afterWatermark() });
      keyed.window(dynamicSession((click) => click.patience), { ...rest, trigger: afterWatermark() });
    });
  });

  it('refuse fields that the row does not have, or that are no numbers', () => {
    compiled(() => {
      // @ts-expect-error -- no such field
      keyed.window(global(), { ...rest, trigger: delta('price', 5) });
      // @ts-expect-error -- a string
      keyed.window(global(), { ...rest, trigger: delta('user', 5) });
      // @ts-expect-error -- no such field
      keyed.window(dynamicSession('gap'), { ...rest, trigger: afterWatermark() });
      // @ts-expect-error -- a number that is no duration
      keyed.window(dynamicSession((click: Click) => click.cents), { ...rest, trigger: afterWatermark() });
    });
  });

  it('want every decision spelled, and no other', () => {
    compiled(() => {
      // @ts-expect-error -- no accumulation
      keyed.window(tumbling(minutes(1)), { allowedLateness: seconds(0), trigger: afterWatermark() });
      // @ts-expect-error -- no such accumulation
      keyed.window(tumbling(minutes(1)), { allowedLateness: seconds(0), trigger: afterWatermark(), accumulation: 'retracting' });
      // @ts-expect-error -- a bare number is no duration
      keyed.window(tumbling(minutes(1)), { ...rest, trigger: every(1_000) });
      // @ts-expect-error -- count windows are no spans of time
      keyed.window(countTumbling(3), { ...rest, trigger: afterWatermark() });
      // @ts-expect-error -- and fire when they are full
      keyed.countWindow(countTumbling(3), { trigger: afterWatermark() });
    });
  });

  it('give the results of count windows like those of others', () => {
    compiled(() => {
      const { results, late } = keyed.countWindow(countTumbling(3)).aggregate('threes', { cents: sum('cents'), rows: count() });
      expectTypeOf(results).toEqualTypeOf<Stream<WindowResult<string, { cents: number; rows: number }>>>();
      expectTypeOf(late).toEqualTypeOf<Stream<Click>>();
    });
  });
});
