import { seconds } from '@weir/model';
import { tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkAuction, NexmarkPerson } from './records.ts';
import { NO_LATE_ROWS, whenMade } from './settings.ts';

const NewSeller = record('NewSeller', { id: int(), name: string(), windowStart: timestamp() });

/** Monitor new users: persons who came and put up an auction within the same 10 s. */
export const q08 = pipeline(
  { name: 'nexmark-q08', sources: { persons: NexmarkPerson, auctions: NexmarkAuction }, sinks: { results: NewSeller } },
  ({ persons, auctions }, sinks) => {
    const found = persons
      .withEventTime(whenMade)
      .keyBy('id')
      .windowJoin('sellers', auctions.withEventTime(whenMade).keyBy('seller'), { kind: 'semi', window: tumbling(seconds(10)) }, ({ id, name }, window) => ({
        id,
        name,
        windowStart: window.start,
      }));
    found.results.to(sinks.results);
    found.lateLeft.discard(NO_LATE_ROWS);
    found.lateRight.discard(NO_LATE_ROWS);
  },
);
