import type { Duration } from '@weir/model';
import type { AfterMatch } from './after-match.ts';

/**
 * Which rows may lie between a row of a match and the next one. `strict`: none. `relaxed`: rows that do not fit, so that the first one
 * that fits is taken. `any`: every row, so that each later one that fits makes a match of its own.
 */
export type Contiguity = 'strict' | 'relaxed' | 'any';

/** A condition as the engine calls it: the row, and what the match holds so far. */
export type Condition = (row: unknown, match: unknown) => boolean;

/**
 * Which of its lengths a loop or an option makes matches of. `none`: each. `longer`: it is left only for a row that comes before any that it
 * could take. `shorter`: it is gone on with only for a row that comes before any that what follows could take.
 */
export type Preference = 'none' | 'longer' | 'shorter';

/** How often a step or a group is taken. */
export interface Quantifier {
  /** 0 or more; with `optional`, none at all is allowed besides. */
  readonly min: number;
  /** At least min and 1; infinity for no bound. */
  readonly max: number;
  readonly optional: boolean;
  /** From one round to the next. */
  readonly inner: Contiguity;
  readonly preference: Preference;
  /** A row that ends the loop and is not taken by it. */
  readonly until: Condition | undefined;
}

interface Placed {
  /** From the row before; of no meaning for what begins a pattern. */
  readonly contiguity: Contiguity;
  /** The row is less than this after the row taken before it. */
  readonly withinPrevious: Duration | undefined;
}

export interface StepElement extends Placed {
  readonly kind: 'step';
  readonly name: string;
  readonly condition: Condition | undefined;
  readonly quantifier: Quantifier;
}

export interface GroupElement extends Placed {
  readonly kind: 'group';
  readonly elements: readonly PatternElement[];
  readonly quantifier: Quantifier;
}

/** Rows that must not be there: directly behind the row taken before (`strict`), or anywhere up to the row taken next (`relaxed`). */
export interface NotElement extends Placed {
  readonly kind: 'not';
  readonly name: string;
  readonly condition: Condition | undefined;
  readonly contiguity: 'strict' | 'relaxed';
}

export type PatternElement = StepElement | GroupElement | NotElement;

/** A pattern as data. */
export interface PatternDefinition {
  readonly elements: readonly PatternElement[];
  /** last.timestamp - first.timestamp is less than this. */
  readonly within: Duration | undefined;
  /** The user said that partial matches may wait for ever. */
  readonly unbounded: boolean;
  readonly afterMatch: AfterMatch;
}

/** Exactly once. */
export const ONCE: Quantifier = Object.freeze({ min: 1, max: 1, optional: false, inner: 'relaxed', preference: 'none', until: undefined });

/** True when a match may hold several rows of it. */
export function isLoop({ max }: Quantifier): boolean {
  return max > 1;
}

/** The steps that take rows, in the order of the pattern, groups laid open. */
export function stepsOf(elements: readonly PatternElement[]): readonly StepElement[] {
  return elements.flatMap((element) => (element.kind === 'step' ? [element] : element.kind === 'group' ? stepsOf(element.elements) : []));
}
