import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveRows } from './live-rows.ts';
import type { EventStream } from './live-rows.ts';
import type { Row } from './serving-api.ts';

type Data = { readonly cents: number };

class PlayedStream implements EventStream {
  readyState = 1;
  closed = false;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  play(type: string, data: unknown = {}): void {
    this.#listeners.get(type)!({ data: JSON.stringify(data) } as MessageEvent<string>);
  }
}

function row(key: string, end: number, cents: number): Row<Data> {
  return { key, window: { start: end - 10, end }, data: { cents }, label: { layer: 'speed', paneTiming: 'early', completeness: 'provisional', watermark: 0, frontier: null, run: null, codeVersion: 'v' } };
}

function opened(limit = 10) {
  const streams: PlayedStream[] = [];
  const live = new LiveRows<Data>({
    view: 'revenue',
    limit,
    open: (path) => {
      expect(path).toBe(`/v1/views/revenue/stream?limit=${limit}`);
      streams.push(new PlayedStream());
      return streams.at(-1)!;
    },
  });
  const heard = vi.fn();
  const leave = live.subscribe(heard);
  return { live, heard, leave, streams };
}

const keys = (live: LiveRows<Data>): readonly string[] => live.snapshot().rows.map(({ key, data }) => `${key}:${data.cents}`);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the live rows of a view', () => {
  it('are the rows that the stream begins with, newest first, told once for a burst', () => {
    const { live, heard, streams } = opened();
    streams[0]!.play('reset', { rows: 3 });
    for (const each of [row('a', 10, 1), row('b', 20, 2), row('a', 20, 3)]) streams[0]!.play('row', each);
    streams[0]!.play('ready');
    expect(keys(live)).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(keys(live)).toEqual(['a:3', 'b:2', 'a:1']);
    expect(live.snapshot().connection).toBe('open');
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('follow changes and withdrawals', () => {
    const { live, streams } = opened();
    streams[0]!.play('row', row('a', 10, 1));
    streams[0]!.play('row', row('b', 10, 2));
    streams[0]!.play('row', row('a', 10, 5));
    streams[0]!.play('removed', { key: 'b', window: { start: 0, end: 10 } });
    vi.advanceTimersByTime(1_000);
    expect(keys(live)).toEqual(['a:5']);
  });

  it('keep showing the old rows until a new beginning is whole', () => {
    const { live, streams } = opened();
    streams[0]!.play('row', row('a', 10, 1));
    vi.advanceTimersByTime(1_000);
    streams[0]!.play('reset');
    streams[0]!.play('row', row('c', 30, 7));
    vi.advanceTimersByTime(1_000);
    expect(keys(live)).toEqual(['a:1']);
    streams[0]!.play('ready');
    vi.advanceTimersByTime(1_000);
    expect(keys(live)).toEqual(['c:7']);
  });

  it('stay bounded: the oldest go', () => {
    const { live, streams } = opened(5);
    for (let end = 1; end <= 11; end++) streams[0]!.play('row', row('a', end, end));
    vi.advanceTimersByTime(1_000);
    expect(keys(live)).toEqual(['a:11', 'a:10', 'a:9', 'a:8', 'a:7']);
    streams[0]!.play('row', row('a', 12, 12));
    vi.advanceTimersByTime(1_000);
    expect(live.snapshot().rows).toHaveLength(6);
  });

  it('open a refused stream again after a while, and a broken one not, as the browser does', () => {
    const { live, streams } = opened();
    streams[0]!.play('error');
    vi.advanceTimersByTime(10_000);
    expect(streams).toHaveLength(1);
    expect(live.snapshot().connection).toBe('lost');
    streams[0]!.readyState = 2;
    streams[0]!.play('error');
    streams[0]!.play('error');
    vi.advanceTimersByTime(10_000);
    expect(streams).toHaveLength(2);
  });

  it('close the stream when nobody listens, and forget the timers', () => {
    const { leave, heard, streams } = opened();
    streams[0]!.play('row', row('a', 10, 1));
    streams[0]!.readyState = 2;
    streams[0]!.play('error');
    leave();
    vi.advanceTimersByTime(10_000);
    expect(streams).toHaveLength(1);
    expect(streams[0]!.closed).toBe(true);
    expect(heard).not.toHaveBeenCalled();
  });

  it('lets go of what it holds when more has passed than the stream watches', () => {
    const { live, streams } = opened();
    streams[0]!.play('row', row('a', 10, 1));
    streams[0]!.play('gap', { from: 10, to: 90 });
    streams[0]!.play('row', row('a', 90, 2));
    vi.advanceTimersByTime(1_000);
    expect(keys(live)).toEqual(['a:2']);
  });
});
