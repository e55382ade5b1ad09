import { SnapshotReader, SnapshotWriter } from '@weir/state';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyEntry } from './keyed-state.ts';
import { TimerQueue } from './timer-queue.ts';

const entries = ['b', 'a', 'ab', 3, 20].map((key, slot): KeyEntry => ({ key, slot, cells: [], timers: 0, waiting: 0, afterEnd: 0 }));
/** Numbers by size, then texts. */
const RANK: readonly (string | number)[] = [3, 20, 'a', 'ab', 'b'];

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('set', 'remove'), key: fc.nat(4), time: fc.integer({ min: -5, max: 10 }), name: fc.constantFrom('', 'x', 'y') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take' as const), until: fc.integer({ min: -6, max: 11 }) }) },
);

describe('a queue of timers', () => {
  it('takes them by time, key and name, each once, and none that was removed: as a sorted array does', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        const queue = new TimerQueue('step', 1_000);
        let naive: { time: number; key: number; name: string }[] = [];
        for (const each of acts) {
          if (each.do === 'take') {
            const due = naive.filter(({ time }) => time <= each.until).sort((a, b) => a.time - b.time || RANK.indexOf(entries[a.key]!.key) - RANK.indexOf(entries[b.key]!.key) || (a.name < b.name ? -1 : 1));
            const taken: unknown[] = [];
            for (let timer = queue.take(each.until); timer !== undefined; timer = queue.take(each.until)) taken.push([timer.time, timer.entry.key, timer.name]);
            expect(taken).toEqual(due.map(({ time, key, name }) => [time, entries[key]!.key, name]));
            naive = naive.filter(({ time }) => time > each.until);
            continue;
          }
          const { key, time, name } = each;
          const index = naive.findIndex((timer) => timer.key === key && timer.time === time && timer.name === name);
          if (each.do === 'set') {
            queue.set(entries[key]!, time, name, 0);
            if (index < 0) naive.push({ time, key, name });
          } else {
            expect(queue.remove(entries[key]!, time, name)).toBe(index >= 0);
            if (index >= 0) naive.splice(index, 1);
          }
          expect(queue.size).toBe(naive.length);
          for (const [slot, entry] of entries.entries()) expect(entry.timers).toBe(naive.filter((timer) => timer.key === slot).length);
        }
        queue.take(Number.POSITIVE_INFINITY);
        for (let timer = queue.take(Number.POSITIVE_INFINITY); timer !== undefined; timer = queue.take(Number.POSITIVE_INFINITY));
        expect(queue.size).toBe(0);
      }),
      { numRuns: cases(300) },
    );
  });

  it('writes the same bytes whatever the order of setting, and reads what it wrote', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.record({ time: fc.integer({ min: -5, max: 5 }), name: fc.constantFrom('', 'x') }), { selector: ({ time, name }) => `${time} ${name}` }), fc.nat(), (timers, turn) => {
        const bytesOf = (given: typeof timers): Uint8Array => {
          const entry: KeyEntry = { key: 'k', slot: 0, cells: [], timers: 0, waiting: 0, afterEnd: 0 };
          const queue = new TimerQueue('step', 1_000);
          for (const { time, name } of given) queue.set(entry, time, name, time);
          const writer = new SnapshotWriter();
          queue.write(entry, writer.step('s').operator('t'));
          return writer.encode();
        };
        const bytes = bytesOf(timers);
        const cut = timers.length === 0 ? 0 : turn % timers.length;
        expect(bytesOf([...timers.slice(cut), ...timers.slice(0, cut)])).toEqual(bytes);
        const entry: KeyEntry = { key: 'k', slot: 0, cells: [], timers: 0, waiting: 0, afterEnd: 0 };
        const queue = new TimerQueue('step', 1_000);
        queue.read(entry, new SnapshotReader([bytes]).step('s').operator('t')!);
        expect(queue.size).toBe(timers.length);
      }),
      { numRuns: cases(150) },
    );
  });
});
