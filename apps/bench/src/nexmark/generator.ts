import type { NexmarkAuction, NexmarkBid, NexmarkPerson } from '@weir/pipelines';
import { EventRandom } from './event-random.ts';
import { NexmarkTexts, letters, price } from './texts.ts';

/** Every 50 events are one person, three auctions and 46 bids. */
const EVENTS_OF_EPOCH = 50;
const PERSONS_OF_EPOCH = 1;
const AUCTIONS_OF_EPOCH = 3;
const FIRST_PERSON = 1_000;
const FIRST_AUCTION = 1_000;
const FIRST_CATEGORY = 10;
const CATEGORIES = 5;
const ACTIVE_PEOPLE = 1_000;
const AUCTIONS_IN_FLIGHT = 100;
/** So many ids that do not exist yet may be referred to. */
const ID_LEAD = 10;
/** One id in so many is a hot one. */
const HOT_STRIDE = 100;
const AVERAGE_BYTES = { person: 200, auction: 500, bid: 100 };

export interface NexmarkOptions {
  readonly seed: number;
  /** Event time of event 0, in milliseconds. */
  readonly baseTime: number;
  /** Events per second of event time. */
  readonly rate: number;
  /** Events are shuffled within groups of this many; 1 leaves them in order. Not a multiple of 953. */
  readonly outOfOrderGroup: number;
}

/** An event of the stream; `source` is the one of the three streams that it belongs to. */
export type NexmarkEvent =
  | { readonly source: 'persons'; readonly row: NexmarkPerson }
  | { readonly source: 'auctions'; readonly row: NexmarkAuction }
  | { readonly source: 'bids'; readonly row: NexmarkBid };

/**
 * Makes the events of Nexmark (Tucker, Tufte, Papadimos and Maier, 2008; the flavour of the nexmark/nexmark project). Event `number` is a
 * pure function of the options and the number, so that any range of the stream can be made by itself, and twice.
 */
export class NexmarkGenerator {
  readonly #options: NexmarkOptions;
  readonly #random: EventRandom;
  readonly #texts: NexmarkTexts;

  constructor(options: NexmarkOptions) {
    this.#options = options;
    this.#random = new EventRandom(options.seed);
    this.#texts = new NexmarkTexts(options.seed);
  }

  /** The event at a place of the stream, from 0. */
  event(number: number): NexmarkEvent {
    const { outOfOrderGroup } = this.#options;
    const id = Math.floor(number / outOfOrderGroup) * outOfOrderGroup + ((number * 953) % outOfOrderGroup);
    this.#random.begin(id);
    const dateTime = this.#timeOf(id);
    const place = id % EVENTS_OF_EPOCH;
    if (place < PERSONS_OF_EPOCH) return { source: 'persons', row: this.#person(id, dateTime) };
    if (place < PERSONS_OF_EPOCH + AUCTIONS_OF_EPOCH) return { source: 'auctions', row: this.#auction(id, dateTime) };
    return { source: 'bids', row: this.#bid(id, dateTime) };
  }

  #person(id: number, dateTime: number): NexmarkPerson {
    const random = this.#random;
    const name = this.#texts.name(random);
    const emailAddress = this.#texts.email(random);
    const creditCard = this.#texts.creditCard(random);
    const city = this.#texts.city(random);
    const state = this.#texts.state(random);
    const size = 8 + name.length + emailAddress.length + creditCard.length + city.length + state.length;
    const extra = this.#texts.extra(random, size, AVERAGE_BYTES.person);
    return { id: lastPerson(id) + FIRST_PERSON, name, emailAddress, creditCard, city, state, dateTime, extra };
  }

  #auction(id: number, dateTime: number): NexmarkAuction {
    const random = this.#random;
    const seller = FIRST_PERSON + (random.below(4) > 0 ? hot(lastPerson(id)) : this.#coldPerson(id));
    const category = FIRST_CATEGORY + random.below(CATEGORIES);
    const initialBid = price(random);
    const expires = dateTime + this.#lifetime(id);
    const itemName = letters(random, 20);
    const description = letters(random, 100);
    const reserve = initialBid + price(random);
    const extra = this.#texts.extra(random, 8 + itemName.length + description.length + 8 * 6, AVERAGE_BYTES.auction);
    return { id: lastAuction(id) + FIRST_AUCTION, itemName, description, initialBid, reserve, dateTime, expires, seller, category, extra };
  }

  #bid(id: number, dateTime: number): NexmarkBid {
    const random = this.#random;
    const auction = FIRST_AUCTION + (random.below(2) > 0 ? hot(lastAuction(id)) : this.#coldAuction(id));
    const bidder = FIRST_PERSON + (random.below(4) > 0 ? hot(lastPerson(id)) + 1 : this.#coldPerson(id));
    const offered = price(random);
    const { channel, url } = this.#texts.channel(random);
    return { auction, bidder, price: offered, channel, url, dateTime, extra: this.#texts.extra(random, 8 * 4, AVERAGE_BYTES.bid) };
  }

  /** Milliseconds that an auction is open: at least 1, on average the time in which the auctions in flight are replaced. */
  #lifetime(id: number): number {
    const eventsOfFlight = Math.floor((AUCTIONS_IN_FLIGHT * EVENTS_OF_EPOCH) / AUCTIONS_OF_EPOCH);
    const horizon = this.#timeOf(id + eventsOfFlight) - this.#timeOf(id);
    return 1 + this.#random.below(Math.max(horizon * 2, 1));
  }

  #coldPerson(id: number): number {
    const people = lastPerson(id) + 1;
    const active = Math.min(people, ACTIVE_PEOPLE);
    return people - active + this.#random.below(active + ID_LEAD);
  }

  #coldAuction(id: number): number {
    const last = lastAuction(id);
    const least = Math.max(last - AUCTIONS_IN_FLIGHT, 0);
    return least + this.#random.below(last - least + 1 + ID_LEAD);
  }

  #timeOf(id: number): number {
    return this.#options.baseTime + Math.floor((id * 1_000) / this.#options.rate);
  }
}

/** How many persons there were before the newest one, at event `id`. */
function lastPerson(id: number): number {
  return Math.floor(id / EVENTS_OF_EPOCH);
}

/** How many auctions there were before the newest one, at event `id`. */
function lastAuction(id: number): number {
  const epoch = Math.floor(id / EVENTS_OF_EPOCH);
  const place = id % EVENTS_OF_EPOCH;
  if (place < PERSONS_OF_EPOCH) return epoch * AUCTIONS_OF_EPOCH - 1;
  return epoch * AUCTIONS_OF_EPOCH + Math.min(place - PERSONS_OF_EPOCH, AUCTIONS_OF_EPOCH - 1);
}

function hot(last: number): number {
  return Math.floor(last / HOT_STRIDE) * HOT_STRIDE;
}
