import { hours, milliseconds, minutes, seconds } from '@weir/model';
import { boundedOutOfOrderness, listState, output, pattern, skipPastLast, valueState } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { Charge } from './charge.ts';

/** More than this many charges in this time (both ends included), not all from one country, are a burst. */
const MOST_CHARGES = 3;
const BURST_TIME = minutes(1);
/** Charges below this are probes; two of them and a charge of at least the other within the time (both ends included) are fraud. */
const PROBE_BELOW_CENTS = 200;
const LARGE_CENTS = 50_000;
const PROBE_TIME = minutes(10);

/** Why a card is suspected, told at the charge that makes it so. */
export const CardAlarm = record('CardAlarm', {
  card: string(),
  /** `burst` or `probes`. */
  reason: string(),
  /** The charge that completes it. */
  chargeId: string(),
  at: timestamp(),
  /** Of the charges that make up the alarm. */
  charges: int(),
  cents: int(),
});
export type CardAlarm = Infer<typeof CardAlarm>;

const probesThenLarge = pattern<Charge>()
  .begin('probes', (charge) => charge.cents < PROBE_BELOW_CENTS)
  .times(2)
  .followedBy('large', (charge) => charge.cents >= LARGE_CENTS)
  // `within` excludes its end.
  .within(milliseconds(PROBE_TIME + 1))
  .afterMatch(skipPastLast());

/** Cards that are abused: bursts of charges from several countries, and small probes followed by a large charge. */
export const cardFraud = pipeline({ name: 'card-fraud', sources: { charges: Charge }, sinks: { alarms: CardAlarm, late: Charge } }, ({ charges }, sinks) => {
  const once = charges
    .withEventTime({ timestamp: 'chargedAt', watermark: boundedOutOfOrderness(seconds(90)), idleAfter: seconds(30) })
    .keyBy('chargeId')
    .deduplicate('once', { within: hours(1), keep: 'first' });
  const byCard = once.results.keyBy('card');

  const bursts = byCard.process(
    'bursts',
    {
      state: {
        // A charge exactly as long ago still counts; state at its very time to live is gone.
        recent: listState<Charge>({ ttl: milliseconds(BURST_TIME + 1), limit: 1_000 }),
        burst: valueState<boolean>(),
      },
      emits: output<CardAlarm>(),
      onRow: (charge, ctx) => {
        const { recent, burst } = ctx.state;
        recent.add({ ...charge });
        const held = recent.get();
        const isBurst = held.length > MOST_CHARGES && held.some(({ country }) => country !== charge.country);
        // A burst that goes on is one alarm.
        if (isBurst && burst.get() !== true) {
          const cents = held.reduce((total, each) => total + each.cents, 0);
          ctx.emit({ card: ctx.key, reason: 'burst', chargeId: charge.chargeId, at: charge.chargedAt, charges: held.length, cents });
        }
        if (isBurst) burst.set(true);
        else burst.clear();
      },
    },
    { order: 'event-time' },
  );
  const probes = byCard.detect('probes', probesThenLarge, ({ probes: small, large }, card) => ({
    card,
    reason: 'probes',
    chargeId: large.chargeId,
    at: large.chargedAt,
    charges: small.length + 1,
    cents: small.reduce((total, { cents }) => total + cents, large.cents),
  }));

  bursts.out.union(probes.matches).to(sinks.alarms);
  probes.timedOut.discard('probes without a large charge are nothing');
  once.late.to(sinks.late);
  bursts.late.discard('rows are late where duplicates are dropped, before');
  probes.late.discard('rows are late where duplicates are dropped, before');
});
