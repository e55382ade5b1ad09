import { minutes, seconds } from '@weir/model';
import type { Charge } from '@weir/pipelines';
import { arrivals } from './arrivals.ts';
import type { Arrived, Disorder } from './arrivals.ts';
import { Draw, burstTime, untilEnough } from './draw.ts';
import type { StreamOptions } from './draw.ts';

const BASE = Date.UTC(2026, 3, 7, 6);
const STEP = seconds(4);
const COUNTRIES = ['DE', 'FR', 'GB', 'US', 'BR', 'JP', 'ZA', 'IN'];
const MINUTE = minutes(1);
const TEN = minutes(10);

/** More than three charges of a card within 60 s, the ends included, that are not all from one country. */
export interface PlantedBurst {
  readonly card: string;
  /** The fourth charge: with it the burst is one. */
  readonly chargeId: string;
}

/** At least two charges below 200 cents, and within 10 minutes of the second last of them, the end included, one of 50,000 or more. */
export interface PlantedProbe {
  readonly card: string;
  /** The large charge. */
  readonly chargeId: string;
}

export interface FraudTruth {
  readonly bursts: readonly PlantedBurst[];
  readonly probes: readonly PlantedProbe[];
}

interface CardStory {
  readonly card: string;
  readonly charges: readonly Charge[];
  readonly burst?: number;
  readonly probe?: number;
}

/** Charges of cards, a few of them fraud, and many that look alike and are none. */
export function cardCharges({ seed, events }: StreamOptions, disorder: Disorder): { readonly charges: readonly Arrived<Charge>[]; readonly truth: FraudTruth } {
  const stories = untilEnough(events, (index) => story(new Draw(seed, index)), ({ charges }) => charges.length);
  const charges = stories.flatMap((each) => each.charges.map((row) => ({ row, time: row.chargedAt, key: row.card })));
  // In the order of time, as far as the streams of the cards overlap.
  charges.sort((a, b) => a.time - b.time);
  const planted = (which: 'burst' | 'probe'): readonly PlantedBurst[] =>
    stories.flatMap((each) => (each[which] === undefined ? [] : [{ card: each.card, chargeId: each.charges[each[which]]!.chargeId }]));
  return { charges: arrivals(seed, charges, disorder), truth: { bursts: planted('burst'), probes: planted('probe') } };
}

function story(draw: Draw): CardStory {
  const card = `card-${draw.index}`;
  const start = burstTime(BASE, STEP, draw.index);
  const home = draw.between(0, COUNTRIES.length, 1);
  const abroad = (n: number): string => COUNTRIES[(home + 1 + (n % (COUNTRIES.length - 1))) % COUNTRIES.length]!;
  const at = (n: number, wait: number, cents: number, country = COUNTRIES[home]!): Charge => ({ chargeId: `${card}-${n}`, card, cents, country, chargedAt: start + wait });
  const plain = draw.between(500, 49_999, 2);
  const kind = draw.unit(0);
  if (kind < 0.02) return burst(card, draw, at, abroad);
  if (kind < 0.04) return probes(card, draw, at);
  // Four within 60 s, but from one country.
  if (kind < 0.08) return { card, charges: [0, 1, 2, 3, 4].map((n) => at(n, n * 12_000, plain)) };
  // Four from several countries, but 60,001 ms from the first to the last.
  if (kind < 0.11) return { card, charges: [0, 20_000, 40_000, MINUTE + 1].map((wait, n) => at(n, wait, plain, abroad(n))) };
  // From three countries, but three.
  if (kind < 0.14) return { card, charges: [0, 10_000, 20_000].map((wait, n) => at(n, wait, plain, abroad(n))) };
  // A large one a millisecond too late, so that only one small one is near enough.
  if (kind < 0.17) return { card, charges: [at(0, 0, 100), at(1, 90_000, 150), at(2, TEN + 1, 80_000)] };
  // One small one; small ones and none large; a large one and then small ones.
  if (kind < 0.2) return { card, charges: [at(0, 0, 100), at(1, 90_000, 60_000)] };
  if (kind < 0.23) return { card, charges: [at(0, 0, 100), at(1, 90_000, 199), at(2, 180_000, 49_999)] };
  if (kind < 0.26) return { card, charges: [at(0, 0, 75_000), at(1, 90_000, 100), at(2, 180_000, 100)] };
  return { card, charges: ordinary(draw, at, abroad) };
}

/** Four to eight charges within 60 s, from two countries or more among the first four. */
function burst(card: string, draw: Draw, at: ChargeAt, abroad: (n: number) => string): CardStory {
  const size = draw.between(4, 9, 3);
  const span = draw.unit(4) < 0.3 ? MINUTE : draw.between(1_000, MINUTE, 5);
  const charges = Array.from({ length: size }, (_, n) => at(n, Math.floor((span * n) / (size - 1)), 5_000, abroad(draw.unit(6) < 0.5 ? n : n >> 1)));
  return { card, charges, burst: 3 };
}

/** Two to five small charges and a large one, at times with an ordinary one between, and at times on the last millisecond. */
function probes(card: string, draw: Draw, at: ChargeAt): CardStory {
  const size = draw.between(2, 6, 3);
  const small = Array.from({ length: size }, (_, n) => at(n, n * 70_000, draw.between(50, 200, 10 + n)));
  const between = draw.unit(4) < 0.5 ? [at(size, size * 70_000 - 1_000, 2_500)] : [];
  const wait = draw.unit(5) < 0.3 ? (size - 2) * 70_000 + TEN : size * 70_000 + draw.between(0, 300_000, 6);
  const charges = [...small, ...between, at(size + 1, wait, draw.between(50_000, 900_000, 7))];
  return { card, charges, probe: charges.length - 1 };
}

/** Charges more than 20 s apart, so that no four are within 60 s, of ordinary amounts, now and then from abroad. */
function ordinary(draw: Draw, at: ChargeAt, abroad: (n: number) => string): readonly Charge[] {
  let wait = 0;
  return Array.from({ length: 1 + draw.skewed(30, 3) }, (_, n) => {
    wait += n === 0 ? 0 : draw.between(20_001, 900_000, 40 + n);
    const cents = draw.between(200, 50_000, 20 + (n % 20));
    return draw.unit(70 + (n % 20)) < 0.1 ? at(n, wait, cents, abroad(n)) : at(n, wait, cents);
  });
}

type ChargeAt = (n: number, wait: number, cents: number, country?: string) => Charge;
