import type { Duration, Timestamp, Watermark } from '@weir/model';
import { WeirError } from '@weir/model';

declare const offsetBrand: unique symbol;

/** A distance in time that may point backwards, in milliseconds. Branded, as a duration is, so that a bare number is not mistaken for one. */
export type Offset = number & { readonly [offsetBrand]: true };

/** This long before the row that is looked from, e.g. `between: [before(minutes(1)), minutes(5)]`. */
export function before(duration: Duration): Offset {
  return (0 - duration) as Offset;
}

/** Whether a row whose time lies exactly on a bound is within it. */
export type BoundKind = 'inclusive' | 'exclusive';

/** The bounds of an interval join: left.ts + between[0] <= right.ts <= left.ts + between[1], each also exclusive. */
export interface IntervalBounds {
  /** How far after the left row the earliest and the latest right row lie that it meets; `before` points backwards. */
  readonly between: readonly [lower: Duration | Offset, upper: Duration | Offset];
  /** Default inclusive. */
  readonly lower?: BoundKind;
  /** Default inclusive. */
  readonly upper?: BoundKind;
}

/**
 * How far from a row of one input the rows of the other may lie that it meets. Everything is decided by the difference (other - own),
 * which is the same number from both ends, so that both inputs agree about every pair.
 */
export class Reach {
  readonly #from: number;
  readonly #to: number;
  readonly #openFrom: boolean;
  readonly #openTo: boolean;

  constructor(from: number, to: number, openFrom: boolean, openTo: boolean) {
    this.#from = from;
    this.#to = to;
    this.#openFrom = openFrom;
    this.#openTo = openTo;
  }

  /** True when the other row is too early to be met. */
  isBefore(own: Timestamp, other: Timestamp): boolean {
    const difference = other - own;
    return difference < this.#from || (this.#openFrom && difference === this.#from);
  }

  /** True when the other row is too late to be met; and, given a watermark for it, when no row that is still to come can be. */
  isBeyond(own: Timestamp, other: Timestamp | Watermark): boolean {
    const difference = other - own;
    return difference > this.#to || (this.#openTo && difference === this.#to);
  }

  /** The same pairs, seen from the other input. */
  reversed(): Reach {
    return new Reach(-this.#to, -this.#from, this.#openTo, this.#openFrom);
  }
}

/** The reach of a left row. Throws JOIN_BOUNDS when the bounds are no whole numbers of milliseconds, or hold no instant. */
export function reachOf({ between: [lower, upper], lower: lowerKind, upper: upperKind }: IntervalBounds): Reach {
  const openLower = lowerKind === 'exclusive';
  const openUpper = upperKind === 'exclusive';
  if (!Number.isSafeInteger(lower) || !Number.isSafeInteger(upper)) {
    throw new WeirError('JOIN_BOUNDS', `An interval join cannot be between ${lower} and ${upper} ms.`, {
      remedy: 'Use whole numbers of milliseconds, such as [before(minutes(1)), minutes(5)].',
    });
  }
  if (lower > upper || (lower === upper && (openLower || openUpper))) {
    throw new WeirError('JOIN_BOUNDS', `No time lies between ${lower} ms ${openLower ? 'exclusive' : 'inclusive'} and ${upper} ms ${openUpper ? 'exclusive' : 'inclusive'}.`, {
      remedy: 'Put the smaller bound first, and make both inclusive if they are equal.',
    });
  }
  return new Reach(lower, upper, openLower, openUpper);
}
