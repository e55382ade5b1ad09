/**
 * What becomes of other matches once one is found. They are decided in the order of their first rows: a match waits until no partial match
 * that began earlier is left, and then discards, of those behind it in that order, the ones that began too early.
 */
export interface AfterMatch<Step extends string = string> {
  readonly kind: 'none' | 'next' | 'past-last' | 'first' | 'last';
  /** Of `first` and `last`: the step that later matches may begin at. */
  readonly step: Step | undefined;
}

const NO_SKIP: AfterMatch<never> = Object.freeze({ kind: 'none', step: undefined });
const TO_NEXT: AfterMatch<never> = Object.freeze({ kind: 'next', step: undefined });
const PAST_LAST: AfterMatch<never> = Object.freeze({ kind: 'past-last', step: undefined });

/** Every match is emitted, as soon as it is complete. The default. */
export const noSkip = (): AfterMatch<never> => NO_SKIP;

/** Discards matches that begin with the same row. */
export const skipToNext = (): AfterMatch<never> => TO_NEXT;

/** Discards matches that begin at or before the last row of the match, so that no two overlap. */
export const skipPastLast = (): AfterMatch<never> => PAST_LAST;

/** Discards matches that begin before the match's first row of a step; none when it has no such row. */
export const skipToFirst = <const Step extends string>(step: Step): AfterMatch<Step> => Object.freeze({ kind: 'first', step });

/** Discards matches that begin before the match's last row of a step; none when it has no such row. */
export const skipToLast = <const Step extends string>(step: Step): AfterMatch<Step> => Object.freeze({ kind: 'last', step });

/** The strategy as the user would spell it. */
export function afterMatchText({ kind, step }: AfterMatch): string {
  const texts = { none: 'no skip', next: 'skip to next', 'past-last': 'skip past last', first: `skip to first ${step}`, last: `skip to last ${step}` };
  return texts[kind];
}
