import type { RequestPolicy } from '@weir/model';
import { milliseconds } from '@weir/model';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualWaits, settled } from '../fixtures/manual-waits.ts';
import { Jitter } from './jitter.ts';
import type { LookupCall } from './lookup.ts';
import { Requester } from './requester.ts';

const POLICY: RequestPolicy = {
  lookup: 'x',
  concurrency: 3,
  timeout: milliseconds(100),
  attempts: 3,
  backoff: { first: milliseconds(10), most: milliseconds(25) },
  failsJob: false,
};

/** What each attempt of a request does: it answers or fails after some time, or never. */
const attempt = fc.oneof(
  fc.record({ does: fc.constantFrom('answer', 'fail'), after: fc.integer({ min: 0, max: 150 }) }),
  fc.constant({ does: 'hang' as const, after: 0 }),
);
const requests = fc.array(fc.array(attempt, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 });

describe('a requester', () => {
  it('has never more under way than it may, and tries each request until it is answered or has had its attempts', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.integer({ min: 1, max: 4 }), async (all, concurrency) => {
        const waits = new ManualWaits();
        const tries = all.map(() => 0);
        const requester = new Requester(
          { ...POLICY, concurrency },
          (request, { attempt: number, signal }: LookupCall) => {
            const id = request as number;
            tries[id]!++;
            expect(number).toBe(tries[id]);
            const { does, after } = all[id]![number - 1]!;
            if (does === 'hang') return new Promise(() => undefined);
            return waits.wait(after, signal).then(() => (does === 'answer' ? { id } : Promise.reject(new Error(`no ${id}`))));
          },
          waits,
          'seed',
        );
        const answers = new Map<number, { failed: boolean; json: string }>();
        let next = 0;
        for (let now = 0; answers.size < all.length; now += 5) {
          while (requester.free > 0 && next < all.length) requester.ask({ id: next, request: next++ });
          expect(requester.underWay).toBeLessThanOrEqual(concurrency);
          await waits.advanceTo(now);
          for (const { id, ...answer } of requester.settled()) {
            expect(answers.has(id)).toBe(false);
            answers.set(id, answer);
          }
          expect(now).toBeLessThan(20_000);
        }
        for (const [id, attempts] of all.entries()) {
          const good = attempts.findIndex(({ does, after }) => does === 'answer' && after < POLICY.timeout);
          const last = attempts[2]!;
          // At the very instant of the timeout either may win.
          if (attempts.some(({ does, after }) => does !== 'hang' && after === POLICY.timeout)) continue;
          expect(tries[id]).toBe(good < 0 ? 3 : good + 1);
          const expected = last.does === 'fail' && last.after < POLICY.timeout ? `no ${id}` : 'No answer within 100 ms.';
          expect(answers.get(id)).toEqual(good < 0 ? { failed: true, json: JSON.stringify(expected) } : { failed: false, json: JSON.stringify({ id }) });
        }
      }),
      { numRuns: cases(60) },
    );
  });

  it('waits between attempts for twice as long each time, half of it by chance, and never longer than the most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (seed) => {
        const pauses = async (): Promise<readonly number[]> => {
          const waits = new ManualWaits();
          const requester = new Requester({ ...POLICY, attempts: 5 }, () => Promise.reject(new Error('no')), waits, seed);
          requester.ask({ id: 0, request: null });
          for (let now = 0; requester.underWay > 0; now += 5) await waits.advanceTo(now);
          return waits.asked.filter((wait) => wait !== POLICY.timeout);
        };
        const found = await pauses();
        expect(found).toHaveLength(4);
        for (const [index, most] of [10, 20, 25, 25].entries()) {
          expect(found[index]).toBeGreaterThanOrEqual(most / 2);
          expect(found[index]).toBeLessThanOrEqual(most);
        }
        expect(await pauses()).toEqual(found);
      }),
      { numRuns: cases(20) },
    );
  });

  it('takes an answer that is not what it should be for a failure', async () => {
    const waits = new ManualWaits();
    const check = (answer: unknown): void => {
      if (typeof answer !== 'number') throw new Error('no number');
    };
    const requester = new Requester({ ...POLICY, attempts: 2, check }, (_request, { attempt: number }) => (number === 1 ? 'one' : 1), waits, '');
    requester.ask({ id: 7, request: null });
    await waits.advanceTo(1_000);
    expect(requester.settled()).toEqual([{ id: 7, failed: false, json: '1' }]);
  });

  it('gives up when it is closed, and says so to those it asks', async () => {
    const waits = new ManualWaits();
    let given: AbortSignal | undefined;
    const requester = new Requester(POLICY, (_request, { signal }) => new Promise(() => (given = signal)), waits, '');
    requester.ask({ id: 0, request: null });
    await settled();
    requester.close();
    await settled();
    expect(given!.aborted).toBe(true);
    expect(requester.settled()).toEqual([]);
    expect(requester.underWay).toBe(0);
  });
});

describe('chance', () => {
  it('falls evenly between half and all of a pause', () => {
    const jitter = new Jitter('even');
    const drawn = Array.from({ length: 10_000 }, () => jitter.of(100));
    const mean = drawn.reduce((sum, each) => sum + each, 0) / drawn.length;
    expect(mean).toBeGreaterThan(74);
    expect(mean).toBeLessThan(76);
  });
});
