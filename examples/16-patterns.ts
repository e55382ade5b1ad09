// A pattern finds rows that come one after the other: a stolen card is tried out with small amounts, and then with a large one elsewhere.
// A match has the rows of each step by its name. Probes that nothing came of are an output of their own.
//
// Prints:
//   pipeline fraud
//     source charges (Charge): time chargedAt, bounded out-of-orderness 5s, never idle, at most 1d ahead
//     probe-then-spend <- charges: detect-pattern by card, small{2,3} not followed by refusal followed by large, within 1m, skip past last
//     sink alarms (Alarm) <- probe-then-spend.matches
//     filter-3 <- probe-then-spend.timedOut: filter
//     map-4 <- filter-3: map
//     sink probes (Probe) <- map-4
//     sink lateCharges (Charge) <- probe-then-spend.late
//
//   flowchart LR
//     start((start))
//     p0(("small"))
//     p1(("small"))
//     p2(("small"))
//     p3((("large")))
//     start --> p0
//     p0 --> p1
//     p1 --> p2
//     p1 -->|none between| p3
//     p2 -->|none between| p3
//
//   alarms: [ { card: 'red', probes: 2, spent: 90000, from: 'GB', to: 'BR' } ]
//   probes: [
//     { card: 'blue', charges: 2, waitedUntil: 62000 },
//     { card: 'grey', charges: 2, waitedUntil: 65000 }
//   ]
import { minutes, seconds } from '@weir/model';
import { boundedOutOfOrderness, pattern, patternDiagram, skipPastLast } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { describe, pipeline } from '@weir/topology';

const Charge = record('Charge', { card: string(), cents: int(), country: string(), chargedAt: timestamp() });
const Alarm = record('Alarm', { card: string(), probes: int(), spent: int(), from: string(), to: string() });
const Probe = record('Probe', { card: string(), charges: int(), waitedUntil: timestamp() });

interface ChargeRow {
  readonly card: string;
  readonly cents: number;
  readonly country: string;
  readonly chargedAt: number;
}

const probeThenSpend = pattern<ChargeRow>()
  .begin('small', (charge) => charge.cents > 0 && charge.cents < 100)
  .times(2, 3)
  .notFollowedBy('refusal', (charge) => charge.cents === 0)
  .followedBy('large', (charge, match) => charge.cents >= 50_000 && charge.country !== match.small[0].country)
  .within(minutes(1))
  .afterMatch(skipPastLast());

const fraud = pipeline({ name: 'fraud', sources: { charges: Charge }, sinks: { alarms: Alarm, probes: Probe, lateCharges: Charge } }, ({ charges }, sinks) => {
  const { matches, timedOut, late } = charges
    .withEventTime({ timestamp: 'chargedAt', watermark: boundedOutOfOrderness(seconds(5)) })
    .keyBy('card')
    .detect('probe-then-spend', probeThenSpend, ({ small, large }, card) => ({ card, probes: small.length, spent: large.cents, from: small[0].country, to: large.country }));

  matches.to(sinks.alarms);
  timedOut
    .filter(({ match }) => match.small.length >= 2)
    .map(({ key, deadline, match }) => ({ card: key, charges: match.small.length, waitedUntil: deadline }))
    .to(sinks.probes);
  late.to(sinks.lateCharges);
});

console.log(describe(fraud));
console.log(patternDiagram(probeThenSpend));

const driver = testDriver(fraud);
driver.push('charges', [
  // The large one was logged before the second small one: event time puts them right.
  { card: 'red', cents: 50, country: 'GB', chargedAt: 1_000 },
  { card: 'red', cents: 90_000, country: 'BR', chargedAt: 9_000 },
  { card: 'red', cents: 99, country: 'GB', chargedAt: 4_000 },
  // Two small ones, and nothing came of it.
  { card: 'blue', cents: 10, country: 'GB', chargedAt: 2_000 },
  { card: 'blue', cents: 20, country: 'GB', chargedAt: 3_000 },
  { card: 'blue', cents: 70_000, country: 'GB', chargedAt: 8_000 },
  // A minute to the millisecond is too long.
  { card: 'grey', cents: 10, country: 'GB', chargedAt: 5_000 },
  { card: 'grey', cents: 20, country: 'GB', chargedAt: 6_000 },
  { card: 'grey', cents: 70_000, country: 'FR', chargedAt: 65_000 },
]);
driver.advanceWatermark('charges', 70_000);
console.log('alarms:', driver.drain('alarms'));
console.log('probes:', driver.drain('probes'));
