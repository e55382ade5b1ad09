import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** Someone who sells or bids. */
export const NexmarkPerson = record('NexmarkPerson', {
  id: int(),
  name: string(),
  emailAddress: string(),
  creditCard: string(),
  city: string(),
  /** One of AZ, CA, ID, OR, WA, WY. */
  state: string(),
  dateTime: timestamp(),
  extra: string(),
});
export type NexmarkPerson = Infer<typeof NexmarkPerson>;

/** Something for sale until `expires`. */
export const NexmarkAuction = record('NexmarkAuction', {
  id: int(),
  itemName: string(),
  description: string(),
  /** Cents. */
  initialBid: int(),
  /** Cents. */
  reserve: int(),
  dateTime: timestamp(),
  /** The last instant at which a bid counts, inclusive. */
  expires: timestamp(),
  /** Id of a person, who may not be there yet. */
  seller: int(),
  /** 10 to 14. */
  category: int(),
  extra: string(),
});
export type NexmarkAuction = Infer<typeof NexmarkAuction>;

/** An offer for an auction. */
export const NexmarkBid = record('NexmarkBid', {
  /** Id of an auction, which may not be there yet. */
  auction: int(),
  /** Id of a person, who may not be there yet. */
  bidder: int(),
  /** Cents. */
  price: int(),
  channel: string(),
  url: string(),
  dateTime: timestamp(),
  extra: string(),
});
export type NexmarkBid = Infer<typeof NexmarkBid>;

/** An entry of the bounded table that q13 looks up in: 10,000 keys from 0, each with its own text. */
export const NexmarkSide = record('NexmarkSide', {
  key: int(),
  value: string(),
  /** Since when it holds: long before the first event. */
  dateTime: timestamp(),
});
export type NexmarkSide = Infer<typeof NexmarkSide>;
