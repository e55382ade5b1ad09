import type { Timestamp } from '@weir/model';
import { MAX_TIMESTAMP, WeirError } from '@weir/model';
import { DAY, dayOf } from './civil-date.ts';

/** A span [from, to) in which the clocks of a zone were not set: local = timestamp + offset. */
interface Stretch {
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly offset: number;
}

/** Offsets are found for this much time at once. */
const CHUNK = 64 * DAY;
/**
 * Clocks are looked at this often. In the whole time-zone database two changes of one zone are never less than 3.9 days apart (Freetown,
 * 1939), so that a change and its reversal do not lie between two looks.
 */
const LOOK_EVERY = 2 * DAY;
/** No zone is, or was, further than this from UTC; the furthest was Manila before 1844, by 15:56 h. */
const FURTHEST = DAY;
/** Bound on the chunks that are kept: 700 years. */
const MOST_CHUNKS = 4_096;

/**
 * What the clocks of an IANA time zone show, from the runtime's own time-zone database. The changes of a zone are searched once and kept,
 * so that looking at the clock takes some comparisons. Right for negative timestamps, and to the second for local mean times.
 */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #chunks = new Map<number, readonly Stretch[]>();
  #current: Stretch = { from: 0, to: 0, offset: 0 };

  /** Throws CALENDAR_ZONE when the runtime knows no such zone. */
  constructor(zone: string) {
    this.#format = formatOf(zone);
  }

  /** What the clocks show, as the timestamp at which a clock in UTC would show it. */
  localOf(timestamp: Timestamp): number {
    return timestamp + this.#stretchAt(timestamp).offset;
  }

  /**
   * The first timestamp at which the clocks show `local` or more: where they skip it, the moment at which they skip it; where they show
   * it twice, the first one.
   */
  firstAt(local: number): Timestamp {
    for (let from = local - FURTHEST; ; ) {
      const { to, offset } = this.#stretchAt(from);
      const candidate = Math.max(from, local - offset);
      if (candidate < to) return candidate;
      from = to;
    }
  }

  #stretchAt(timestamp: Timestamp): Stretch {
    const current = this.#current;
    if (timestamp >= current.from && timestamp < current.to) return current;
    for (const stretch of this.#chunkAt(Math.floor(timestamp / CHUNK))) {
      if (timestamp < stretch.to) return (this.#current = stretch);
    }
    throw new Error(`Broken invariant: no clock shows the time ${timestamp}.`);
  }

  #chunkAt(chunk: number): readonly Stretch[] {
    let stretches = this.#chunks.get(chunk);
    if (stretches === undefined) {
      stretches = this.#search(chunk * CHUNK, (chunk + 1) * CHUNK);
      if (this.#chunks.size >= MOST_CHUNKS) this.#chunks.clear();
      this.#chunks.set(chunk, stretches);
    }
    return stretches;
  }

  /** The stretches of [start, end). */
  #search(start: Timestamp, end: Timestamp): readonly Stretch[] {
    const stretches: Stretch[] = [];
    let from = start;
    let offset = this.#offsetAt(start);
    for (let looked = start; looked < end; ) {
      const next = Math.min(looked + LOOK_EVERY, end);
      // The last look is at the last second, as the end is another chunk's.
      const there = this.#offsetAt(next === end ? end - 1_000 : next);
      if (there !== offset) {
        const change = this.#changeIn(looked, next, offset);
        stretches.push({ from, to: change, offset });
        from = change;
        offset = there;
      }
      looked = next;
    }
    stretches.push({ from, to: end, offset });
    return stretches;
  }

  /** The whole second in (after, until] from which on the offset is another than `before`. */
  #changeIn(after: Timestamp, until: Timestamp, before: number): Timestamp {
    let low = after;
    let high = until;
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000;
      if (this.#offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  /** Asks the runtime. Beyond the times that it knows, the clocks are taken to stay as they were. */
  #offsetAt(timestamp: Timestamp): number {
    const known = Math.floor(Math.min(MAX_TIMESTAMP, Math.max(-MAX_TIMESTAMP, timestamp)) / 1_000) * 1_000;
    let year = 0;
    let isBeforeChrist = false;
    const shown = { month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of this.#format.formatToParts(known)) {
      if (type === 'year') year = Number(value);
      else if (type === 'era') isBeforeChrist = value.startsWith('B');
      else if (type in shown) shown[type as keyof typeof shown] = Number(value);
    }
    const day = dayOf(isBeforeChrist ? 1 - year : year, shown.month, shown.day);
    return day * DAY + shown.hour * 3_600_000 + shown.minute * 60_000 + shown.second * 1_000 - known;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw new WeirError('CALENDAR_ZONE', `There is no time zone '${zone}'.`, { remedy: 'Use a name of the IANA database, e.g. Europe/Berlin or UTC.', cause });
  }
}
