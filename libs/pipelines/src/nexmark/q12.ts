import { output, valueState } from '@weir/operators';
import { int, record, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';

const SIZE = 10_000;

/** How many bids of a bidder came in while the clock showed these 10 s. */
const ProcessingWindow = record('ProcessingWindow', { bidder: int(), bids: int(), start: timestamp(), end: timestamp() });
type ProcessingWindow = { readonly bidder: number; readonly bids: number; readonly start: number; readonly end: number };

/**
 * Processing-time windows: bids per bidder and 10 s of the wall clock. The clock of a task moves by ticks: a bid belongs to the window of
 * the last tick before it, and bids before the first tick to the window of that one. A replay without ticks closes no window.
 */
export const q12 = pipeline({ name: 'nexmark-q12', sources: { bids: NexmarkBid }, sinks: { results: ProcessingWindow } }, ({ bids }, sinks) => {
  const { out } = bids
    .withEventTime(whenMade)
    .keyBy('bidder')
    .process('windows', {
      state: { bids: valueState<number>() },
      emits: output<ProcessingWindow>(),
      onRow: (_bid, { state, timers, now }) => {
        const before = state.bids.get() ?? 0;
        state.bids.set(before + 1);
        // Before the first tick the end is not known: the first tick will tell.
        if (before === 0) timers.atProcessingTime(Number.isFinite(now) ? startOf(now) + SIZE : Number.MIN_SAFE_INTEGER);
      },
      onTimer: (timer, ctx) => {
        const { key, state, timers, now } = ctx;
        if (timer.time === Number.MIN_SAFE_INTEGER) {
          timers.atProcessingTime(startOf(now) + SIZE);
          return;
        }
        ctx.emit({ bidder: key, bids: state.bids.get()!, start: timer.time - SIZE, end: timer.time });
        state.bids.clear();
      },
    });
  out.to(sinks.results);
});

function startOf(now: number): number {
  return Math.floor(now / SIZE) * SIZE;
}
