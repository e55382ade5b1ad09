import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JoinSide } from './join-side.ts';
import { compareKept, renumber } from './kept-row.ts';
import type { KeptRow } from './kept-row.ts';
import { Reach } from './reach.ts';
import { Timeline } from './timeline.ts';
import { WaitingRows } from './waiting-rows.ts';

const places = fc.record({ timestamp: fc.integer({ min: -20, max: 20 }), partition: fc.integer({ min: -1, max: 2 }), offset: fc.nat({ max: 3 }) });
const kept = (arrival: number, place: { timestamp: number; partition: number; offset: number }): KeptRow => ({ ...place, arrival, row: arrival, matches: 0 });
const rowsOf = (timeline: Timeline | undefined): readonly KeptRow[] => (timeline === undefined ? [] : Array.from({ length: timeline.size }, (_, index) => timeline.at(index)));
const byFloat = fc.double({ min: -100, max: 100, noNaN: true });
const reaches = fc
  .record({ from: fc.integer({ min: -10, max: 10 }), length: fc.integer({ min: 0, max: 10 }), openFrom: fc.boolean(), openTo: fc.boolean() })
  .map(({ from, length, openFrom, openTo }) => new Reach(from, from + length, openFrom, openTo));

describe('the rows of a key in a join', () => {
  it('lie in order whatever the order in which they come, and go from any place', () => {
    const acts = fc.array(fc.oneof({ weight: 4, arbitrary: places }, { weight: 1, arbitrary: fc.record({ from: fc.nat({ max: 80 }), count: fc.nat({ max: 60 }) }) }), { maxLength: 200 });
    fc.assert(
      fc.property(acts, (all) => {
        const timeline = new Timeline(0);
        let plain: readonly KeptRow[] = [];
        for (const [index, act] of all.entries()) {
          if ('timestamp' in act) {
            const one = kept(index, act);
            expect(timeline.insert(one)).toBe(plain.filter((other) => compareKept(other, one) < 0).length);
            plain = [...plain, one].sort(compareKept);
          } else {
            const from = act.from % 2 === 0 ? 0 : Math.min(act.from, plain.length);
            const to = Math.min(plain.length, from + act.count);
            timeline.remove(from, to);
            plain = [...plain.slice(0, from), ...plain.slice(to)];
          }
          expect(timeline.size).toBe(plain.length);
        }
        expect(rowsOf(timeline)).toEqual(plain);
      }),
      { numRuns: cases(200) },
    );
  });

  it('are found by a reach as by looking at each', () => {
    fc.assert(
      fc.property(fc.array(places, { maxLength: 40 }), reaches, fc.integer({ min: -25, max: 25 }), (all, reach, own) => {
        const timeline = new Timeline(0);
        for (const [index, place] of all.entries()) timeline.insert(kept(index, place));
        const found = rowsOf(timeline).slice(timeline.firstWithin(own, reach), timeline.firstBeyond(own, reach));
        expect(found).toEqual(rowsOf(timeline).filter(({ timestamp }) => !reach.isBefore(own, timestamp) && !reach.isBeyond(own, timestamp)));
      }),
      { numRuns: cases(300) },
    );
  });

  it('agree about a pair from both ends, also at times that are no whole milliseconds', () => {
    fc.assert(
      fc.property(reaches, fc.oneof(byFloat, fc.integer({ min: -9, max: 9 })), fc.oneof(byFloat, fc.integer({ min: -9, max: 9 })), (reach, left, right) => {
        const meets = (one: Reach, own: number, other: number): boolean => !one.isBefore(own, other) && !one.isBeyond(own, other);
        expect(meets(reach.reversed(), right, left)).toBe(meets(reach, left, right));
      }),
      { numRuns: cases(1_000) },
    );
  });

  it('expire by key as by looking at all of them, and no key is told empty that is not', () => {
    const acts = fc.array(fc.oneof({ weight: 4, arbitrary: fc.tuple(fc.nat({ max: 3 }), places) }, { weight: 1, arbitrary: fc.integer({ min: -25, max: 25 }) }), { maxLength: 100 });
    fc.assert(
      fc.property(acts, fc.nat({ max: 10 }), (all, life) => {
        const isDead = (timestamp: number, watermark: number): boolean => timestamp + life < watermark;
        const side = new JoinSide(isDead);
        let plain: readonly { readonly key: number; readonly one: KeptRow }[] = [];
        for (const [index, act] of all.entries()) {
          if (typeof act === 'number') {
            const emptied: number[] = [];
            side.expire(act, (key) => emptied.push(key));
            const before = new Set(plain.map(({ key }) => key));
            plain = plain.filter(({ one }) => !isDead(one.timestamp, act));
            expect(emptied.sort()).toEqual([...before].filter((key) => !plain.some((each) => each.key === key)).sort());
          } else {
            const one = kept(index, act[1]);
            side.insert(act[0], one);
            plain = [...plain, { key: act[0], one }];
          }
          expect(side.size).toBe(plain.length);
        }
        for (const key of [0, 1, 2, 3]) expect(rowsOf(side.timeline(key))).toEqual(plain.filter((each) => each.key === key).map(({ one }) => one).sort(compareKept));
        expect(side.keySlots()).toEqual([...new Set(plain.map(({ key }) => key))].sort());
      }),
      { numRuns: cases(200) },
    );
  });
});

describe('the rows that wait for their first match', () => {
  it('are those that have met none, however many have', () => {
    const acts = fc.array(fc.oneof({ weight: 4, arbitrary: places }, { weight: 3, arbitrary: fc.nat() }, { weight: 1, arbitrary: fc.integer({ min: -25, max: 10 }).map((before) => ({ before })) }), { maxLength: 400 });
    fc.assert(
      fc.property(acts, (all) => {
        const waiting = new WaitingRows();
        let plain: readonly KeptRow[] = [];
        for (const [index, act] of all.entries()) {
          if (typeof act === 'number') {
            const met = plain[act % plain.length];
            if (met === undefined) continue;
            met.matches = 1;
            waiting.meet();
            plain = plain.filter((one) => one !== met);
          } else if ('before' in act) {
            expect([...waiting.takeDead((timestamp) => timestamp < act.before)].sort(compareKept)).toEqual(plain.filter(({ timestamp }) => timestamp < act.before).sort(compareKept));
            plain = plain.filter(({ timestamp }) => timestamp >= act.before);
          } else {
            const one = kept(index, act);
            waiting.push(one);
            plain = [...plain, one];
          }
          expect(waiting.least()).toBe(Math.min(...plain.map(({ timestamp }) => timestamp)));
        }
      }),
      { numRuns: cases(100) },
    );
  });

  it('are numbered anew without a change of order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 1_000 })), (arrivals) => {
        const rows = arrivals.map((arrival) => kept(arrival, { timestamp: 0, partition: 0, offset: 0 }));
        const inOrder = [...rows].sort((a, b) => a.arrival - b.arrival);
        expect(renumber(rows)).toBe(rows.length);
        expect(inOrder.map(({ arrival }) => arrival)).toEqual(rows.map((_, place) => place));
      }),
      { numRuns: cases(100) },
    );
  });
});
