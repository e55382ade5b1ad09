import { expect, it } from 'vitest';
import { manualClock } from './index.ts';

it('a manual clock stands until it is moved', () => {
  const clock = manualClock(100);
  expect([clock.now(), clock.now()]).toEqual([100, 100]);
  clock.advance(5);
  expect(clock.now()).toBe(105);
  clock.set(-3);
  expect(clock.now()).toBe(-3);
  expect(manualClock().now()).toBe(0);
});
