import { referenceViews } from '@weir/views';
import type { ServedRow } from '@weir/views';
import { describe, expect, it } from 'vitest';
import { ViewFeed, WATCHED_ROWS } from '../src/view-feed.ts';
import type { Change } from '../src/view-feed.ts';

function row(key: string, end: number, value: number): ServedRow {
  return {
    key,
    start: end - 10,
    end,
    paneIndex: 0,
    version: 0,
    data: { value },
    label: { layer: 'speed', timing: 'early', complete: false, watermark: null, frontier: null, run: null, codeVersion: 'test' },
  };
}

function watch(): { feed: ViewFeed; show(rows: readonly ServedRow[]): Promise<readonly string[]> } {
  let shown: readonly ServedRow[] = [];
  const feed = new ViewFeed({ view: referenceViews[0]!, read: (_view, limit) => Promise.resolve(shown.slice(0, limit)), onError: (error) => expect.fail(String(error)) });
  let place = 0;
  const seen = (change: Change): string => `${change.event} ${change.key ?? ''} ${JSON.stringify((JSON.parse(change.data) as { data?: { value: number } }).data?.value ?? null)}`;
  return {
    feed,
    async show(rows) {
      shown = rows;
      await feed.poll();
      const changes: string[] = [];
      for (let change = feed.after(place); change !== undefined && change !== null; change = feed.after(place)) {
        place = change.sequence;
        changes.push(seen(change));
      }
      return changes;
    },
  };
}

describe('ViewFeed', () => {
  it('tells of rows that are new or other than before, oldest first, and of nothing else', async () => {
    const { show } = watch();
    expect(await show([row('b', 20, 2), row('a', 10, 1)])).toEqual([]);
    expect(await show([row('b', 20, 2), row('a', 10, 1)])).toEqual([]);
    expect(await show([row('c', 30, 3), row('b', 20, 9), row('a', 10, 1)])).toEqual(['row b 9', 'row c 3']);
  });

  it('tells of a row that was withdrawn', async () => {
    const { show } = watch();
    await show([row('b', 20, 2), row('a', 10, 1)]);
    expect(await show([row('b', 25, 3), row('a', 10, 1)])).toEqual(['removed b null', 'row b 3']);
  });

  it('says that there is a gap when more passed than it watches, and does not call that withdrawn', async () => {
    const { show } = watch();
    const many = (from: number): ServedRow[] => Array.from({ length: WATCHED_ROWS }, (_, index) => row('a', from - index, index));
    await show(many(3_000));
    expect((await show(many(3_001))).filter((change) => !change.startsWith('row'))).toEqual([]);
    expect((await show(many(9_000))).filter((change) => !change.startsWith('row'))).toEqual(['gap  null']);
  });

  it('forgets old changes instead of growing, and says that it has', async () => {
    const { feed, show } = watch();
    await show([]);
    for (let value = 0; value < 10; value++) await show(Array.from({ length: WATCHED_ROWS }, (_, index) => row('a', 9_000 - index, value)));
    expect(feed.after(0)).toBeNull();
    expect(feed.after(feed.sequence)).toBeUndefined();
    expect(feed.after(feed.sequence - 1)).toMatchObject({ sequence: feed.sequence });
    expect(feed.after(feed.sequence + 1)).toBeNull();
  });

  it('looks again as soon as a change is announced, and not before its next look when none is', async () => {
    let looks = 0;
    let woken: () => void = () => undefined;
    const feed = new ViewFeed({ view: referenceViews[0]!, read: async () => [row('a', 10, ++looks)], onError: (error) => expect.fail(String(error)), pollMilliseconds: 3_600_000 });
    await feed.ready();
    const client = { wake: () => woken() };
    feed.join(client);
    const looked = new Promise<void>((resolve) => (woken = resolve));
    expect(looks).toBe(1);
    feed.changed();
    await looked;
    expect(looks).toBe(2);
    feed.leave(client);
    feed.changed();
    expect(looks).toBe(2);
  });
});
