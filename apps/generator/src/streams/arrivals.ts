import type { Timestamp } from '@weir/model';
import { keyGroupOf, minutes, seconds } from '@weir/model';
import { seeded } from '../seeded.ts';

/** Partitions that a stream is made for; the key of a row decides which it goes to. */
export const STREAM_PARTITIONS = 4;

/** How far a stream is from the order of time, as shares of its rows and milliseconds. */
export interface Disorder {
  readonly name: string;
  /** Share of rows that come late by up to `delay`. */
  readonly delayed: number;
  readonly delay: number;
  /** Share of rows that come far too late, by `delay` to `delay + lateness`. */
  readonly late: number;
  readonly lateness: number;
  /** Share of rows that come a second time, by up to `delay` after the first. */
  readonly duplicated: number;
  /** In each ten minutes every partition stands still once, for this long; what arrives meanwhile arrives at the end of it. */
  readonly stall: number;
}

/** The ways in which a stream can be out of order, by name. */
export const DISORDERS = {
  none: { name: 'none', delayed: 0, delay: 0, late: 0, lateness: 0, duplicated: 0, stall: 0 },
  /** A pipeline whose watermark allows for 90 s and that drops duplicates gives the numbers of the stream in order. */
  mild: { name: 'mild', delayed: 0.1, delay: seconds(30), late: 0, lateness: 0, duplicated: 0.02, stall: seconds(20) },
  /** As mild, and some rows are up to an hour late. */
  harsh: { name: 'harsh', delayed: 0.2, delay: seconds(30), late: 0.005, lateness: minutes(60), duplicated: 0.02, stall: seconds(20) },
} as const satisfies Readonly<Record<string, Disorder>>;

/** A row with the time at which the log has it. */
export interface Arrived<Row> {
  readonly row: Row;
  /** Event time. */
  readonly time: Timestamp;
  readonly arrival: Timestamp;
  readonly partition: number;
}

/** A row before it is known when it arrives. */
export interface Happened<Row> {
  readonly row: Row;
  readonly time: Timestamp;
  /** When it is sent, where that is not at once; delays come on top. */
  readonly sentAt?: Timestamp;
  readonly key: string;
}

const STALL_PERIOD = minutes(10);

// Salts of what arrivals draw; streams use those below 100.
const IS_DELAYED = 100;
const DELAY = 101;
const IS_LATE = 102;
const LATENESS = 103;
const IS_TWICE = 104;
const SECOND = 105;
const STALL = 106;

/** The rows in the order in which they arrive; each delay depends on the seed and the index of the row alone. */
export function arrivals<Row>(seed: number, rows: readonly Happened<Row>[], disorder: Disorder): readonly Arrived<Row>[] {
  const arrived: Arrived<Row>[] = [];
  for (const [index, { row, time, sentAt = time, key }] of rows.entries()) {
    const partition = keyGroupOf(key) % STREAM_PARTITIONS;
    const first = sentAt + delayOf(seed, index, disorder);
    arrived.push({ row, time, partition, arrival: afterStall(seed, partition, first, disorder) });
    if (seeded(seed, index, IS_TWICE) >= disorder.duplicated) continue;
    const second = first + Math.floor(seeded(seed, index, SECOND) * disorder.delay);
    arrived.push({ row, time, partition, arrival: afterStall(seed, partition, second, disorder) });
  }
  // Stable: what arrives at once stays in the order of the rows.
  return arrived.sort((a, b) => a.arrival - b.arrival);
}

function delayOf(seed: number, index: number, { delayed, delay, late, lateness }: Disorder): number {
  if (seeded(seed, index, IS_LATE) < late) return delay + Math.floor(seeded(seed, index, LATENESS) * lateness);
  return seeded(seed, index, IS_DELAYED) < delayed ? Math.floor(seeded(seed, index, DELAY) * delay) : 0;
}

function afterStall(seed: number, partition: number, arrival: Timestamp, { stall }: Disorder): Timestamp {
  if (stall === 0) return arrival;
  const period = Math.floor(arrival / STALL_PERIOD);
  const begin = period * STALL_PERIOD + Math.floor(seeded(seed, period % 2 ** 31, STALL + partition) * (STALL_PERIOD - stall));
  return arrival >= begin && arrival < begin + stall ? begin + stall : arrival;
}
