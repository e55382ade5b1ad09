import { minutes, seconds } from '@weir/model';
import { pattern, skipToFirst, skipToLast } from '@weir/operators';
import type { Several, TimedOut } from '@weir/operators';
import { describe, expectTypeOf, it } from 'vitest';
import type { KeyedStream, Stream } from './stream.ts';

interface Charge {
  readonly card: string;
  readonly cents: number;
}

/** For the compiler's eyes: the function is never called. */
function compiled(_define: () => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

declare const charges: KeyedStream<Charge, string>;
declare const orders: KeyedStream<{ readonly id: string }, string>;

const probe = pattern<Charge>().begin('small', (charge) => charge.cents < 100);

describe('the types of a match', () => {
  it('have each step by its name: a row, maybe a row, some rows, any number of rows', () => {
    compiled(() => {
      const chain = probe
        .oneOrMore()
        .next('check')
        .optional()
        .followedBy('large', (charge) => charge.cents > 10_000)
        .followedByAny('more')
        .times(2, 3)
        .optional()
        .within(minutes(1));
      const { matches, timedOut, late } = charges.detect('probe-then-spend', chain, (match, card) => {
        expectTypeOf(match).toEqualTypeOf<{ readonly small: Several<Charge>; readonly check: Charge | undefined; readonly large: Charge; readonly more: readonly Charge[] }>();
        expectTypeOf(card).toEqualTypeOf<string>();
        return { card, cents: match.large.cents, probes: match.small.length };
      });
      expectTypeOf(matches).toEqualTypeOf<Stream<{ card: string; cents: number; probes: number }>>();
      expectTypeOf(late).toEqualTypeOf<Stream<Charge>>();
      expectTypeOf(timedOut).toEqualTypeOf<
        Stream<TimedOut<string, { readonly small: readonly Charge[]; readonly check: Charge | undefined; readonly large: Charge | undefined; readonly more: readonly Charge[] }>>
      >();
    });
  });

  it('of a group are repeated and left out as a whole', () => {
    compiled(() => {
      const pair = pattern<Charge>().begin('down').next('up').optional().next('rest').oneOrMore();
      charges.detect('once', probe.nextGroup(pair), (match) => expectTypeOf(match).toEqualTypeOf<{ readonly small: Charge; readonly down: Charge; readonly up: Charge | undefined; readonly rest: Several<Charge> }>());
      charges.detect('many', probe.nextGroup(pair).oneOrMore(), (match) => expectTypeOf(match).toEqualTypeOf<{ readonly small: Charge; readonly down: Several<Charge>; readonly up: readonly Charge[]; readonly rest: Several<Charge> }>());
      charges.detect('maybe', probe.nextGroup(pair).optional(), (match) => expectTypeOf(match).toEqualTypeOf<{ readonly small: Charge; readonly down: Charge | undefined; readonly up: Charge | undefined; readonly rest: readonly Charge[] }>());
    });
  });

  it('let a condition see the steps before, and the rows of its own step so far', () => {
    compiled(() => {
      probe.oneOrMore().next('larger', (charge, match) => {
        expectTypeOf(charge).toEqualTypeOf<Charge>();
        expectTypeOf(match).toEqualTypeOf<{ readonly small: Several<Charge>; readonly larger: readonly Charge[] }>();
        return charge.cents > match.small[0].cents;
      });
      probe.oneOrMore().until((charge, match) => charge.cents > match.small.length);
      probe.notFollowedBy('reset', (charge, match) => {
        expectTypeOf(match).toEqualTypeOf<{ readonly small: Charge }>();
        return charge.cents === match.small.cents;
      });
    });
  });
});

describe('what does not compile', () => {
  it('a misspelt field or step', () => {
    compiled(() => {
      // @ts-expect-error: a typo
      pattern<Charge>().begin('small', (charge) => charge.cnts < 100);
      // @ts-expect-error: a typo
      probe.next('large', (charge, match) => charge.cents > match.smal.cents);
      // @ts-expect-error: a later step
      probe.next('large', (charge, match) => charge.cents > match.larger.cents).next('larger');
      // @ts-expect-error: it is one row
      probe.next('large', (charge, match) => charge.cents > match.small[0].cents);
      // @ts-expect-error: a negation has no rows
      probe.notNext('reset').next('large', (_charge, match) => match.reset.cents > 0);
      // @ts-expect-error: it may be missing
      charges.detect('spend', probe.optional().next('large'), (match) => match.small.cents);
      // @ts-expect-error: there is no such step
      probe.next('large').afterMatch(skipToFirst('larg'));
      // @ts-expect-error: a negation has no rows
      probe.notNext('reset').next('large').afterMatch(skipToLast('reset'));
    });
  });

  it('a pattern of other rows', () => {
    compiled(() => {
      // @ts-expect-error: orders have no cents
      orders.detect('spend', probe, (match) => match.small);
    });
  });

  it('a quantifier where there is nothing to repeat, or twice', () => {
    compiled(() => {
      // @ts-expect-error: nothing is taken
      probe.notNext('reset').oneOrMore();
      // @ts-expect-error: it is repeated already
      probe.oneOrMore().times(2);
      // @ts-expect-error: one row has no inside
      probe.consecutive();
      // @ts-expect-error: one row has nothing to be greedy about
      probe.greedy();
      // @ts-expect-error: nor to be reluctant about
      probe.reluctant();
      // @ts-expect-error: the pattern has ended
      probe.within(seconds(1)).optional();
      // @ts-expect-error: of what unit?
      probe.within(60_000);
      // @ts-expect-error: it has not begun
      pattern<Charge>().next('small');
    });
  });
});
