import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { aggregator } from '@weir/operators';
import type { Trade } from './trade.ts';

/** Of each trade, its highest version so far and what that is worth. */
export type Versions = Map<string, Version>;

interface Version {
  readonly version: number;
  readonly cents: number;
}

/**
 * The sum over trades of quantity times price, each by its highest version, cancelled ones as 0; whole cents. A booking that comes twice,
 * or after a later one, changes nothing, so neither order nor duplicates matter. Two different bookings with one version are a mistake of
 * the sender; the larger amount counts.
 */
export function latestVersions(): Aggregator<Trade, Versions, number> {
  return aggregator<Trade, Versions, number>({
    name: 'latestVersions',
    reads: ['tradeId', 'version', 'quantity', 'cents', 'cancelled'],
    create: () => new Map(),
    add: (held, { tradeId, version, quantity, cents, cancelled }) => put(held, tradeId, { version, cents: cancelled ? 0 : quantity * cents }),
    merge: (into, from) => {
      for (const [tradeId, version] of from) put(into, tradeId, version);
      return into;
    },
    finish: (held) => {
      let total = 0;
      for (const { cents } of held.values()) total += cents;
      return total;
    },
    write: (held, writer: BinaryWriter) => {
      writer.int32(held.size);
      for (const [tradeId, { version, cents }] of [...held].sort(([a], [b]) => (a < b ? -1 : 1))) {
        writer.text(tradeId);
        writer.float64(version);
        writer.float64(cents);
      }
    },
    read: (reader: BinaryReader) => {
      const held: Versions = new Map();
      for (let left = reader.int32(); left > 0; left--) held.set(reader.text(), { version: reader.float64(), cents: reader.float64() });
      return held;
    },
  });
}

function put(held: Versions, tradeId: string, next: Version): Versions {
  const before = held.get(tradeId);
  if (before === undefined || next.version > before.version || (next.version === before.version && next.cents > before.cents)) held.set(tradeId, next);
  return held;
}
