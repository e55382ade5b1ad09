import { EventRandom } from './event-random.ts';

const FIRST_NAMES = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter'];
const LAST_NAMES = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris'];
const CITIES = ['Phoenix', 'Los Angeles', 'San Francisco', 'Boise', 'Portland', 'Bend', 'Redmond', 'Seattle', 'Kent', 'Cheyenne'];
const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'];
const HOT_CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'];
const CHANNELS = 10_000;
const LEAST_LENGTH = 3;
/** One letter in so many is a gap. */
const GAP_ONE_IN = 13;
const POOL_LENGTH = 1 << 20;
const FIRST_EXTRA = 'H'.charCodeAt(0);
const EXTRA_LETTERS = 'z'.charCodeAt(0) - FIRST_EXTRA + 1;

/** A way that bids come in by. */
export interface Channel {
  readonly channel: string;
  readonly url: string;
}

/** The texts of the events of one seed: what is drawn once for all events, and what each event draws. */
export class NexmarkTexts {
  readonly #hot: readonly Channel[];
  readonly #channels: readonly Channel[];
  readonly #pool: string;

  constructor(seed: number) {
    // Events have ids from 0, so the tables draw under another seed.
    const random = new EventRandom(seed ^ 0x5eed);
    random.begin(0);
    this.#hot = HOT_CHANNELS.map((channel) => ({ channel, url: baseUrl(random) }));
    this.#channels = Array.from({ length: CHANNELS }, (_, index) => {
      const url = baseUrl(random);
      return { channel: `channel-${index}`, url: random.below(10) > 0 ? `${url}&channel_id=${Math.abs(bitsReversed(index))}` : url };
    });
    // Cut from text that is one piece: a string that was put together would be flattened at the first cut.
    this.#pool = Buffer.from(Uint8Array.from({ length: POOL_LENGTH }, () => FIRST_EXTRA + random.below(EXTRA_LETTERS))).toString('latin1');
  }

  channel(random: EventRandom): Channel {
    return random.below(2) === 0 ? this.#hot[random.below(this.#hot.length)]! : this.#channels[random.below(CHANNELS)]!;
  }

  /** Fills a record up to an average size in bytes, give or take a fifth. */
  extra(random: EventRandom, size: number, average: number): string {
    const wanted = average - size;
    if (wanted <= 0) return '';
    const spread = Math.round(wanted * 0.2);
    const length = wanted - spread + random.below(Math.max(spread * 2, 1));
    const from = random.below(POOL_LENGTH - length);
    return this.#pool.slice(from, from + length);
  }

  name(random: EventRandom): string {
    return `${FIRST_NAMES[random.below(FIRST_NAMES.length)]!} ${LAST_NAMES[random.below(LAST_NAMES.length)]!}`;
  }

  email(random: EventRandom): string {
    return `${letters(random, 7)}@${letters(random, 5)}.com`;
  }

  creditCard(random: EventRandom): string {
    return Array.from({ length: 4 }, () => String(random.below(10_000)).padStart(4, '0')).join(' ');
  }

  city(random: EventRandom): string {
    return CITIES[random.below(CITIES.length)]!;
  }

  state(random: EventRandom): string {
    return STATES[random.below(STATES.length)]!;
  }
}

/** 3 to `most` - 1 letters and gaps, without gaps at the ends (so it may be shorter). */
export function letters(random: EventRandom, most: number, gap = ' '): string {
  const length = LEAST_LENGTH + random.below(most - LEAST_LENGTH);
  let text = '';
  for (let i = 0; i < length; i++) text += random.below(GAP_ONE_IN) === 0 ? gap : String.fromCharCode(97 + random.below(26));
  return text.trim();
}

/** Cents from 100 to 100,000,000, of which the logarithm is spread evenly. */
export function price(random: EventRandom): number {
  return Math.round(100 * 10 ** (6 * random.unit()));
}

function baseUrl(random: EventRandom): string {
  return `https://www.nexmark.com/${letters(random, 5, '_')}/${letters(random, 5, '_')}/${letters(random, 5, '_')}/item.htm?query=1`;
}

function bitsReversed(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed |= ((value >>> bit) & 1) << (31 - bit);
  return reversed;
}
