import { int, record, string } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkAuction, NexmarkPerson } from './records.ts';
import { KEPT, NO_LATE_ROWS, whenMade } from './settings.ts';

const LocalItem = record('LocalItem', { name: string(), city: string(), state: string(), auction: int() });

const WEST: ReadonlySet<string> = new Set(['OR', 'ID', 'CA']);

/** Local item suggestion: auctions of category 10 by sellers of three states. An auction may come before its seller. */
export const q03 = pipeline(
  { name: 'nexmark-q03', sources: { persons: NexmarkPerson, auctions: NexmarkAuction }, sinks: { results: LocalItem } },
  ({ persons, auctions }, sinks) => {
    const sellers = persons.withEventTime(whenMade).filter((person) => WEST.has(person.state)).keyBy('id');
    const found = auctions
      .withEventTime(whenMade)
      .filter((auction) => auction.category === 10)
      .keyBy('seller')
      .join('sellers', sellers, { kind: 'inner', ttl: KEPT }, ({ id }, { name, city, state }) => ({ name, city, state, auction: id }));
    found.results.to(sinks.results);
    found.lateLeft.discard(NO_LATE_ROWS);
    found.lateRight.discard(NO_LATE_ROWS);
  },
);
