import { days, hours, minutes } from '@weir/model';
import type { Trade } from '@weir/pipelines';
import { arrivals } from './arrivals.ts';
import type { Arrived, Disorder } from './arrivals.ts';
import { Draw, untilEnough } from './draw.ts';
import type { StreamOptions } from './draw.ts';

const DESKS = ['rates', 'credit', 'equities', 'fx', 'commodities'];
const INSTRUMENTS = 40;
/** Corrections come within this of the trade. */
export const CORRECTED_WITHIN = days(2);

/** Days on which the exchange in London was open around Easter 2026, in the order of time. */
const OPEN_DAYS = ['2026-03-26', '2026-03-27', '2026-03-30', '2026-03-31', '2026-04-01', '2026-04-02', '2026-04-07', '2026-04-08'];
const SESSION = hours(8) + minutes(30);
/** In which the clocks went forward between the second and the third of the days. */
const opens = OPEN_DAYS.map((day) => Date.parse(`${day}T${day < '2026-03-29' ? '08' : '07'}:00:00Z`));

/** What a desk holds of a day's trades, by their last versions. */
export interface Exposure {
  readonly desk: string;
  /** `yyyy-MM-dd`. */
  readonly day: string;
  /** Sum of quantity times price; negative when more was sold. */
  readonly cents: number;
}

export interface TradeTruth {
  readonly exposures: readonly Exposure[];
  /** Trades with more than one version. */
  readonly corrected: readonly string[];
}

interface TradeStory {
  readonly day: string;
  readonly versions: readonly Trade[];
}

/** Trades of desks on trading days, some after hours, some booked anew or taken back up to two days later. */
export function trades({ seed, events }: StreamOptions, disorder: Disorder): { readonly trades: readonly Arrived<Trade>[]; readonly truth: TradeTruth } {
  const stories = untilEnough(events, (index) => story(new Draw(seed, index)), ({ versions }) => versions.length);
  const inOrder = stories
    .flatMap(({ versions }) => versions)
    .map((row) => ({ row, time: row.tradedAt, sentAt: row.bookedAt, key: row.tradeId }))
    .sort((a, b) => a.sentAt - b.sentAt);
  const groups = Map.groupBy(stories, ({ day, versions }) => `${versions[0]!.desk} ${day}`);
  return {
    trades: arrivals(seed, inOrder, disorder),
    truth: {
      exposures: [...groups.values()].map((group) => {
        const cents = group.reduce((sum, { versions }) => {
          const last = versions.at(-1)!;
          return last.cancelled ? sum : sum + last.quantity * last.cents;
        }, 0);
        return { desk: group[0]!.versions[0]!.desk, day: group[0]!.day, cents };
      }),
      corrected: stories.filter(({ versions }) => versions.length > 1).map(({ versions }) => versions[0]!.tradeId),
    },
  };
}

function story(draw: Draw): TradeStory {
  const which = draw.between(0, OPEN_DAYS.length, 0);
  const tradedAt = opens[which]! + placeInDay(draw, which);
  const first: Trade = {
    tradeId: `t-${draw.index}`,
    version: 1,
    desk: DESKS[draw.skewed(DESKS.length, 3)]!,
    instrument: `i-${draw.skewed(INSTRUMENTS, 4)}`,
    quantity: draw.between(1, 1_000, 5) * (draw.unit(6) < 0.5 ? -1 : 1),
    cents: draw.between(100, 100_000, 7),
    cancelled: false,
    tradedAt,
    bookedAt: tradedAt,
  };
  const later = (before: Trade, salt: number): Trade => ({ ...before, version: before.version + 1, bookedAt: before.bookedAt + draw.between(minutes(1), CORRECTED_WITHIN / 2, salt) });
  const fate = draw.unit(8);
  const versions = [first];
  if (fate < 0.06) versions.push({ ...later(first, 9), quantity: draw.between(-1_000, 1_000, 10) });
  if (fate < 0.02) versions.push({ ...later(versions[1]!, 11), cents: draw.between(100, 100_000, 12) });
  if (fate > 0.98) versions.push({ ...later(first, 13), cancelled: true });
  // What is traded behind the close belongs to the next session, be it after a weekend or Easter.
  const day = OPEN_DAYS[tradedAt < opens[which]! + SESSION ? which : which + 1]!;
  return { day, versions };
}

/** Milliseconds from the opening: within the session, at times on its first or last one, on its close, or at any time before the next. */
function placeInDay(draw: Draw, which: number): number {
  const kind = draw.unit(1);
  if (kind < 0.01) return 0;
  if (kind < 0.02) return SESSION - 1;
  const next = opens[which + 1];
  if (next !== undefined && kind < 0.03) return SESSION;
  if (next !== undefined && kind < 0.06) return draw.between(SESSION, next - opens[which]!, 2);
  return draw.between(0, SESSION, 2);
}
