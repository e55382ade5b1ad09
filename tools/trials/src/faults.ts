/** What is done to a running Weir. */
export type Fault =
  | { readonly kind: 'kill speed' | 'kill standby' | 'kill generator' }
  | { readonly kind: 'kill broker'; readonly downMilliseconds: number }
  | { readonly kind: 'pause speed' | 'pause broker'; readonly milliseconds: number };

export interface PlannedFault {
  readonly fault: Fault;
  /** Of undisturbed life before it. */
  readonly afterMilliseconds: number;
}

const LEASE_MILLISECONDS = 10_000;
const TRANSACTION_MILLISECONDS = 60_000;
const LONGEST_LIFE_MILLISECONDS = 5_000;

/** Numbers in [0, 1) that a seed determines. */
export function seededDraws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A plan of `kills` kills of speed processes, a third as many of the broker, and for each ten of them one kill of the generator, a pause past the
 * lease and a short one of the broker, and for each fifteen a pause past the time-out of transactions; in an order that the seed determines.
 */
export function plan(kills: number, seed: number): readonly PlannedFault[] {
  const draw = seededDraws(seed);
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  const faults: Fault[] = [
    ...times(kills, (): Fault => ({ kind: draw() < 0.8 ? 'kill speed' : 'kill standby' })),
    ...times(Math.ceil(kills / 3), (): Fault => ({ kind: 'kill broker', downMilliseconds: Math.floor(draw() * 3_000) })),
    ...times(Math.floor(kills / 10), (): Fault => ({ kind: 'kill generator' })),
    ...times(Math.floor(kills / 10), (): Fault => ({ kind: 'pause speed', milliseconds: LEASE_MILLISECONDS + 2_000 + Math.floor(draw() * 4_000) })),
    ...times(Math.floor(kills / 10), (): Fault => ({ kind: 'pause broker', milliseconds: 2_000 + Math.floor(draw() * 10_000) })),
    ...times(Math.floor(kills / 15), (): Fault => ({ kind: 'pause speed', milliseconds: TRANSACTION_MILLISECONDS + 5_000 + Math.floor(draw() * 5_000) })),
  ];
  for (let i = faults.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [faults[i], faults[j]] = [faults[j]!, faults[i]!];
  }
  return faults.map((fault) => ({ fault, afterMilliseconds: 300 + Math.floor(draw() * LONGEST_LIFE_MILLISECONDS) }));
}
