/** What is done to a running Weir. */
export type Fault =
  | { readonly kind: 'kill speed' | 'kill standby' | 'kill both' | 'kill generator' | 'abandon transaction' }
  | { readonly kind: 'kill broker'; readonly downMilliseconds: number }
  | { readonly kind: 'pause speed' | 'pause both' | 'pause broker'; readonly milliseconds: number }
  /** The moment counts from when the replay is in the catalog. */
  | { readonly kind: 'kill replay' | 'kill broker in replay'; readonly milliseconds: number };

export interface PlannedFault {
  readonly fault: Fault;
  /** Of life before it. */
  readonly afterMilliseconds: number;
  /** Comes while what the fault before it broke is not mended yet: into a takeover, a recovery, a broker that starts. */
  readonly isHasty: boolean;
}

const LEASE_MILLISECONDS = 10_000;
/** After which the broker aborts a transaction of Weir that nobody ends. */
const TRANSACTION_MILLISECONDS = 60_000;
const LONGEST_LIFE_MILLISECONDS = 5_000;
/** Until a lease has run out and the next owner has recovered. */
const LONGEST_HASTE_MILLISECONDS = 13_000;
const STANDBY_SHARE = 0.2;
const HASTY_SHARE = 0.25;

/** Numbers in [0, 1) that a seed determines. */
export function seededDraws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A plan of `kills` kills of speed processes and a third as many of the broker, some of those in a replay. For each ten there are one of
 * both replicas at once, of the generator, of a replay, a transaction that its client abandons, a pause past the lease and a short one
 * of the broker; for each fifteen a pause of one replica past the time-out of transactions, and for each thirty one of both. The seed
 * determines order and moments; a quarter does not wait until the fault before is mended.
 */
export function plan(kills: number, seed: number): readonly PlannedFault[] {
  const draw = seededDraws(seed);
  const upTo = (most: number): number => Math.floor(draw() * most);
  const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
  const each = (of: number, make: () => Fault): Fault[] => times(Math.floor(kills / of), make);
  const faults: Fault[] = [
    ...times(kills, (): Fault => ({ kind: draw() < STANDBY_SHARE ? 'kill standby' : 'kill speed' })),
    ...times(Math.ceil(kills / 3), (index): Fault => (index % 5 === 4 ? { kind: 'kill broker in replay', milliseconds: upTo(2_000) } : { kind: 'kill broker', downMilliseconds: upTo(3_000) })),
    ...each(10, () => ({ kind: 'kill both' })),
    ...each(10, () => ({ kind: 'kill generator' })),
    ...each(10, () => ({ kind: 'kill replay', milliseconds: upTo(3_000) })),
    ...each(10, () => ({ kind: 'abandon transaction' })),
    ...each(10, () => ({ kind: 'pause speed', milliseconds: LEASE_MILLISECONDS + 2_000 + upTo(4_000) })),
    ...each(10, () => ({ kind: 'pause broker', milliseconds: 2_000 + upTo(10_000) })),
    ...each(15, () => ({ kind: 'pause speed', milliseconds: TRANSACTION_MILLISECONDS + 5_000 + upTo(5_000) })),
    ...each(30, () => ({ kind: 'pause both', milliseconds: TRANSACTION_MILLISECONDS + 5_000 + upTo(5_000) })),
  ];
  for (let i = faults.length - 1; i > 0; i--) {
    const j = upTo(i + 1);
    [faults[i], faults[j]] = [faults[j]!, faults[i]!];
  }
  return faults.map((fault) => {
    const isHasty = draw() < HASTY_SHARE;
    return { fault, isHasty, afterMilliseconds: isHasty ? upTo(LONGEST_HASTE_MILLISECONDS) : 300 + upTo(LONGEST_LIFE_MILLISECONDS) };
  });
}

/** A few faults of the worst kinds, for a run that has to be short: about half a minute of them. */
export function shortPlan(): readonly PlannedFault[] {
  const soon = (fault: Fault, afterMilliseconds: number, isHasty = false): PlannedFault => ({ fault, afterMilliseconds, isHasty });
  return [soon({ kind: 'kill speed' }, 2_500), soon({ kind: 'kill broker', downMilliseconds: 500 }, 1_500, true), soon({ kind: 'kill generator' }, 700, true), soon({ kind: 'pause speed', milliseconds: LEASE_MILLISECONDS + 2_000 }, 700)];
}

/** A fault in a few words. */
export function wordsOf({ fault, afterMilliseconds, isHasty }: PlannedFault): string {
  const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
  const long = 'milliseconds' in fault && fault.kind.startsWith('pause') ? ` for ${seconds(fault.milliseconds)}` : '';
  return `${fault.kind}${long} after ${seconds(afterMilliseconds)}${isHasty ? ', in haste' : ''}`;
}
