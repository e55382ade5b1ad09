import type { NexmarkAuction, NexmarkBid, NexmarkPerson, NexmarkSide } from '@weir/pipelines';
import { NexmarkGenerator } from './generator.ts';
import type { NexmarkEvent, NexmarkOptions } from './generator.ts';

/** A row with its place in the log; partitions are filled in turn. */
export interface Logged<Row> {
  readonly row: Row;
  readonly partition: number;
  readonly offset: number;
}

/** The rows of the sources, each in the order in which they were logged. */
export interface LoggedEvents {
  readonly persons: readonly Logged<NexmarkPerson>[];
  readonly auctions: readonly Logged<NexmarkAuction>[];
  readonly bids: readonly Logged<NexmarkBid>[];
  /** The bounded table of q13. */
  readonly side: readonly Logged<NexmarkSide>[];
}

/** The names of the sources of the queries. */
export type NexmarkSource = keyof LoggedEvents;

/** The bounded table of q13: k and the text of k, for k from 0 to 9,999. */
export const SIDE: readonly NexmarkSide[] = Array.from({ length: 10_000 }, (_, key) => ({ key, value: String(key), dateTime: 0 }));

/** 2,000 events a second over a midnight, shuffled within half a second: windows, sessions, ties of time and two days. */
export const RUSH: NexmarkOptions = { seed: 42, baseTime: Date.UTC(2026, 0, 1, 23, 59, 10), rate: 2_000, outOfOrderGroup: 1_000 };
/** One event every 5 s, so that a small file spans every hour of a day; the watermark allows for no disorder at this rate. */
export const SLOW: NexmarkOptions = { seed: 7, baseTime: Date.UTC(2026, 5, 30), rate: 0.2, outOfOrderGroup: 1 };

/** The stream as the lines of a file: `{"source":…,"row":…}`, each with its line feed. */
export function* nexmarkLines(options: NexmarkOptions, count: number): Generator<string> {
  const generator = new NexmarkGenerator(options);
  for (let number = 0; number < count; number++) yield `${JSON.stringify(generator.event(number))}\n`;
}

/** The events of a file, dealt to the partitions of their source in turn. */
export function readNexmark(lines: Iterable<string>, partitions: number): LoggedEvents {
  const side = SIDE.map((row, offset) => ({ row, partition: 0, offset }));
  const events = { persons: [] as Logged<NexmarkPerson>[], auctions: [] as Logged<NexmarkAuction>[], bids: [] as Logged<NexmarkBid>[] };
  for (const line of lines) {
    const event = JSON.parse(line) as NexmarkEvent;
    const rows: Logged<unknown>[] = events[event.source];
    rows.push({ row: event.row, partition: rows.length % partitions, offset: Math.floor(rows.length / partitions) });
  }
  return { ...events, side };
}
