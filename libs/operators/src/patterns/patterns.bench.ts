import { seconds } from '@weir/model';
import { operatorBench } from '@weir/testkit';
import { skipPastLast } from './after-match.ts';
import { detectPattern } from './detect-pattern.ts';
import { pattern } from './pattern.ts';

interface Charge {
  readonly card: number;
  readonly cents: number;
  readonly country: number;
}

const key = { field: 'card' } as const;
const row = (random: { below(limit: number): number }): Charge => ({ card: random.below(1_000), cents: random.below(1_000), country: random.below(20) });

const probe = pattern<Charge>().begin('small', (charge) => charge.cents < 50);

export default [
  operatorBench('pattern of two steps, strict', {
    spec: () => detectPattern({ key, pattern: probe.next('large', (charge) => charge.cents > 950).within(seconds(10)), select: ({ small, large }) => ({ small: small.cents, large: large.cents }) }),
    rows: row,
  }),
  operatorBench('pattern of two steps, relaxed', {
    spec: () => detectPattern({ key, pattern: probe.followedBy('large', (charge) => charge.cents > 950).within(seconds(1)), select: ({ small, large }) => ({ small: small.cents, large: large.cents }) }),
    rows: row,
  }),
  operatorBench('pattern of a loop and a condition on the match', {
    spec: () =>
      detectPattern({
        key,
        pattern: probe
          .times(2, 4)
          .followedBy('large', (charge, match) => charge.cents > 900 && charge.country !== match.small[0].country)
          .within(seconds(1))
          .afterMatch(skipPastLast()),
        select: ({ small, large }) => ({ probes: small.length, large: large.cents }),
      }),
    rows: row,
  }),
];
