import { WeirError } from '@weir/model';
import type { CustomAssigner } from '../windows/assigner.ts';
import { DAY, WEEKDAYS, parseDate, parseTime, weekdayOf } from './civil-date.ts';
import type { Weekday } from './civil-date.ts';
import { PeriodFinder } from './local-periods.ts';
import type { LocalPeriods } from './local-periods.ts';
import { ZoneClock } from './zone-clock.ts';

export interface TradingDayOptions {
  /** Name of the IANA database, e.g. `America/New_York`. */
  readonly zone: string;
  /** When the session opens, e.g. `09:30`. When not before `close`, it opens on the evening before. */
  readonly open: string;
  /** When the session of a day closes, e.g. `16:00`, at most `24:00`. */
  readonly close: string;
  /** Days of the week without a session that closes on them. Default Saturday and Sunday. */
  readonly weekend?: readonly Weekday[];
  /** Dates without a session that closes on them, e.g. `2026-12-25`. */
  readonly holidays?: readonly string[];
  /** Dates on which the session closes earlier, with the time. */
  readonly earlyCloses?: Readonly<Record<string, string>>;
  /** Rows outside a session: in the next one (default), or in none. */
  readonly outside?: 'next' | 'none';
}

/** Days in a row without a session, at most: more is a mistake in the list. */
const MOST_CLOSED_DAYS = 366;

/**
 * The days of an exchange. What happens outside the session of a day belongs to the next session, so that a window reaches from the
 * close before to its own close: [previous close, close), over weekends and holidays. With `outside: 'none'` it is [open, close). Throws
 * CALENDAR_ZONE, CALENDAR_TEXT, TRADING_DAY.
 */
export function tradingDay(options: TradingDayOptions): CustomAssigner<unknown> {
  const { zone, outside = 'next' } = options;
  const clock = new ZoneClock(zone);
  const sessions = new Sessions(options);
  const finder = new PeriodFinder(clock, sessions);
  let opensOf = Number.NaN;
  let opens = 0;
  return Object.freeze({
    kind: 'custom' as const,
    describe: describe(options),
    merging: false,
    reads: [],
    assign: (timestamp, _key, _row, into) => {
      finder.find(timestamp);
      if (outside === 'next') return into.add(finder.start, finder.end);
      if (opensOf !== finder.number) {
        opensOf = finder.number;
        opens = clock.firstAt(sessions.openOf(finder.number));
      }
      if (timestamp >= opens) into.add(opens, finder.end);
    },
  } satisfies CustomAssigner<unknown>);
}

/** The periods between two closes, numbered by the day of the second one. */
class Sessions implements LocalPeriods {
  readonly #open: number;
  readonly #close: number;
  readonly #earlyCloses: ReadonlyMap<number, number>;
  readonly #weekend: readonly number[];
  readonly #holidays: ReadonlySet<number>;

  constructor({ open, close, weekend = ['saturday', 'sunday'], holidays = [], earlyCloses = {} }: TradingDayOptions) {
    this.#close = parseTime(close);
    // An opening that is not before the close is that of the evening before.
    this.#open = parseTime(open) < this.#close ? parseTime(open) : parseTime(open) - DAY;
    this.#weekend = weekend.map((day) => WEEKDAYS.indexOf(day));
    this.#holidays = new Set(holidays.map(parseDate));
    this.#earlyCloses = new Map(Object.entries(earlyCloses).map(([date, time]) => [parseDate(date), parseTime(time)]));
    for (const [day, early] of this.#earlyCloses) {
      if (early <= this.#open || early > this.#close || !this.#isTrading(day)) throw tradingError('An early close is not within the session of a trading day.');
    }
    if (WEEKDAYS.every((_, day) => this.#weekend.includes(day))) throw tradingError('Every day is a day off.');
  }

  numberAt(local: number): number {
    const day = Math.floor(local / DAY);
    return this.#isTrading(day) && local < this.#closeOf(day) ? day : this.next(day);
  }

  next(day: number): number {
    return this.#tradingDay(day, 1);
  }

  startOf(day: number): number {
    return this.#closeOf(this.#tradingDay(day, -1));
  }

  openOf(day: number): number {
    return day * DAY + this.#open;
  }

  #closeOf(day: number): number {
    return day * DAY + (this.#earlyCloses.get(day) ?? this.#close);
  }

  #tradingDay(from: number, direction: 1 | -1): number {
    for (let days = 1; days <= MOST_CLOSED_DAYS; days++) {
      const day = from + direction * days;
      if (this.#isTrading(day)) return day;
    }
    throw tradingError(`There is no session for ${MOST_CLOSED_DAYS} days.`);
  }

  #isTrading(day: number): boolean {
    return !this.#weekend.includes(weekdayOf(day)) && !this.#holidays.has(day);
  }
}

function describe({ zone, open, close, weekend = ['saturday', 'sunday'], holidays = [], earlyCloses = {}, outside }: TradingDayOptions): string {
  return [
    `trading day ${open} to ${close} in ${zone}`,
    `off ${[...weekend, ...[...holidays].sort()].join(' ') || 'never'}`,
    ...Object.entries(earlyCloses).sort().map(([date, time]) => `${date} to ${time}`),
    ...(outside === 'none' ? ['sessions only'] : []),
  ].join(', ');
}

function tradingError(what: string): WeirError {
  return new WeirError('TRADING_DAY', what, { remedy: 'Mend the lists of days off and of early closes.' });
}
