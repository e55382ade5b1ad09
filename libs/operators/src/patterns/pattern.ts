import type { Duration } from '@weir/model';
import { WeirError } from '@weir/model';
import { noSkip } from './after-match.ts';
import type { AfterMatch } from './after-match.ts';
import { checkPattern } from './check-pattern.ts';
import type { Flat, Maybe, Repeated, Single, StepCondition } from './match-shape.ts';
import { ONCE } from './pattern-definition.ts';
import type { Condition, Contiguity, GroupElement, NotElement, PatternDefinition, PatternElement, Preference, Quantifier, StepElement } from './pattern-definition.ts';

/** A pattern over rows, as an immutable value; `Match` has the rows of each step by its name. */
export interface Pattern<Row, Match> {
  readonly definition: PatternDefinition;
  /** Carries the types; never set. */
  readonly matches?: (row: Row) => Match;
}

/** A pattern to which something can be added. Every method answers a new one. */
export interface PatternChain<Row, Match> extends Pattern<Row, Match> {
  /** A row directly behind the one before, among the rows of the key. Without a condition any row fits. */
  next<const Name extends string>(name: Name, condition?: StepCondition<Row, Match, Name>): PatternStep<Row, Match, Single<Row, Name>>;
  /** The first row behind the one before that fits; others between are passed over. */
  followedBy<const Name extends string>(name: Name, condition?: StepCondition<Row, Match, Name>): PatternStep<Row, Match, Single<Row, Name>>;
  /** Any row behind the one before that fits, each in a match of its own. */
  followedByAny<const Name extends string>(name: Name, condition?: StepCondition<Row, Match, Name>): PatternStep<Row, Match, Single<Row, Name>>;
  /** A pattern as one step, beginning directly behind the row before. Its conditions know its own steps. */
  nextGroup<Inner>(group: Pattern<Row, Inner>): PatternStep<Row, Match, Inner>;
  followedByGroup<Inner>(group: Pattern<Row, Inner>): PatternStep<Row, Match, Inner>;
  followedByAnyGroup<Inner>(group: Pattern<Row, Inner>): PatternStep<Row, Match, Inner>;
  /** The row directly behind the one before does not fit. */
  notNext(name: string, condition?: StepCondition<Row, Match>): PatternNot<Row, Match>;
  /** No row that fits lies between the row before and the next one of the match; at the end of a pattern, none until the time is over. */
  notFollowedBy(name: string, condition?: StepCondition<Row, Match>): PatternNot<Row, Match>;
  /** last.timestamp - first.timestamp < duration. Given once. */
  within(duration: Duration): PatternChain<Row, Match>;
  /** Partial matches may wait for ever, up to the limit of the step. Takes the place of `within`. */
  unbounded(): PatternChain<Row, Match>;
  /** Which matches are discarded once one is found; default noSkip(). */
  afterMatch(strategy: AfterMatch<keyof Match & string>): PatternChain<Row, Match>;
}

/** A pattern that ends in a negation. */
export interface PatternNot<Row, Match> extends PatternChain<Row, Match> {
  /** At the end of a pattern: the negation holds until this long after the row before. */
  withinPrevious(duration: Duration): PatternNot<Row, Match>;
}

/** A pattern of which the last step or group is to be taken once, unless a quantifier says otherwise. */
export interface PatternStep<Row, Before, Last> extends PatternChain<Row, Flat<Before & Last>> {
  oneOrMore(): PatternLoop<Row, Before, Repeated<Row, Last>>;
  /** Exactly `count` times, or from `count` to `most` times. Throws PATTERN_TIMES. */
  times(count: number, most?: number): PatternLoop<Row, Before, Repeated<Row, Last>>;
  timesOrMore(count: number): PatternLoop<Row, Before, Repeated<Row, Last>>;
  /** Once or not at all. */
  optional(): PatternOption<Row, Before, Maybe<Row, Last>>;
  /** Its first row is less than this after the row taken before it. */
  withinPrevious(duration: Duration): PatternStep<Row, Before, Last>;
}

/** A pattern of which the last step or group is optional. */
export interface PatternOption<Row, Before, Last> extends PatternChain<Row, Flat<Before & Last>> {
  /** Left out only for a row that comes before any that it could take. Not for groups: PATTERN_GREEDY_GROUP. */
  greedy(): PatternOption<Row, Before, Last>;
  /** Taken only by a row that comes before any that what follows could take. Not for groups: PATTERN_GREEDY_GROUP. */
  reluctant(): PatternOption<Row, Before, Last>;
  withinPrevious(duration: Duration): PatternOption<Row, Before, Last>;
}

/** A pattern of which the last step or group is repeated; its inner contiguity is relaxed unless told otherwise. */
export interface PatternLoop<Row, Before, Last> extends PatternChain<Row, Flat<Before & Last>> {
  /** The rounds follow each other with nothing between. */
  consecutive(): PatternLoop<Row, Before, Last>;
  /** Rows that fit may be passed over inside the loop. */
  allowCombinations(): PatternLoop<Row, Before, Last>;
  /** The loop ends at a row for which this holds; that row is not taken by it. */
  until(condition: (row: Row, match: Flat<Before & Maybe<Row, Last>>) => boolean): PatternLoop<Row, Before, Last>;
  /** Left only for a row that comes before any that it could take. Without it, every length is a match. Not for groups: PATTERN_GREEDY_GROUP. */
  greedy(): PatternLoop<Row, Before, Last>;
  /** Gone on with, above its least count, only for a row that comes before any that what follows could take. Not for groups: PATTERN_GREEDY_GROUP. */
  reluctant(): PatternLoop<Row, Before, Last>;
  /** As told, or not at all. */
  optional(): PatternLoop<Row, Before, Maybe<Row, Last>>;
  /** The row that begins a round is less than this after the row taken before it. */
  withinPrevious(duration: Duration): PatternLoop<Row, Before, Last>;
}

/** Where a pattern begins. */
export interface PatternStart<Row> {
  /** The first row of a match. */
  begin<const Name extends string>(name: Name, condition?: StepCondition<Row, object, Name>): PatternStep<Row, object, Single<Row, Name>>;
  beginGroup<Inner>(group: Pattern<Row, Inner>): PatternStep<Row, object, Inner>;
}

/** Begins a pattern over rows of one type: `pattern<Charge>().begin('small', (charge) => charge.cents < 100)`. */
export function pattern<Row>(): PatternStart<Row> {
  const empty = new Chain({ elements: [], within: undefined, unbounded: false, afterMatch: noSkip() });
  // The row type lives in the signature only; every pattern is the same code whatever its rows are.
  return Object.freeze({
    begin: (name: string, condition?: unknown) => empty.step('relaxed', name, condition),
    beginGroup: (group: Pattern<unknown, unknown>) => empty.group('relaxed', group),
  }) as unknown as PatternStart<Row>;
}

/** The one class behind the interfaces; which of its methods make sense is the compiler's to say, and checked here for those who get past it. */
class Chain {
  readonly definition: PatternDefinition;

  constructor(definition: PatternDefinition) {
    this.definition = Object.freeze(definition);
    Object.freeze(this);
  }

  next(name: string, condition?: unknown): Chain {
    return this.step('strict', name, condition);
  }

  followedBy(name: string, condition?: unknown): Chain {
    return this.step('relaxed', name, condition);
  }

  followedByAny(name: string, condition?: unknown): Chain {
    return this.step('any', name, condition);
  }

  nextGroup(group: Pattern<unknown, unknown>): Chain {
    return this.group('strict', group);
  }

  followedByGroup(group: Pattern<unknown, unknown>): Chain {
    return this.group('relaxed', group);
  }

  followedByAnyGroup(group: Pattern<unknown, unknown>): Chain {
    return this.group('any', group);
  }

  notNext(name: string, condition?: unknown): Chain {
    return this.#not('strict', name, condition);
  }

  notFollowedBy(name: string, condition?: unknown): Chain {
    return this.#not('relaxed', name, condition);
  }

  oneOrMore(): Chain {
    return this.timesOrMore(1);
  }

  times(count: number, most = count): Chain {
    return this.#repeat(count, most);
  }

  timesOrMore(count: number): Chain {
    return this.#repeat(count, Number.POSITIVE_INFINITY);
  }

  optional(): Chain {
    return this.#quantify({ optional: true });
  }

  consecutive(): Chain {
    return this.#quantify({ inner: 'strict' });
  }

  allowCombinations(): Chain {
    return this.#quantify({ inner: 'any' });
  }

  until(condition: unknown): Chain {
    return this.#quantify({ until: condition as Condition });
  }

  greedy(): Chain {
    return this.#prefer('longer');
  }

  reluctant(): Chain {
    return this.#prefer('shorter');
  }

  withinPrevious(duration: Duration): Chain {
    checkTime(duration);
    return this.#replaceLast({ ...this.#last(), withinPrevious: duration });
  }

  within(duration: Duration): Chain {
    checkTime(duration);
    this.#checkUnlimited();
    return new Chain({ ...this.definition, within: duration });
  }

  unbounded(): Chain {
    this.#checkUnlimited();
    return new Chain({ ...this.definition, unbounded: true });
  }

  afterMatch(strategy: AfterMatch): Chain {
    return this.#checked({ ...this.definition, afterMatch: strategy });
  }

  step(contiguity: Contiguity, name: string, condition: unknown): Chain {
    const step: StepElement = Object.freeze({ kind: 'step', name, condition: condition as Condition | undefined, contiguity, quantifier: ONCE, withinPrevious: undefined });
    return this.#append(step);
  }

  group(contiguity: Contiguity, { definition }: Pattern<unknown, unknown>): Chain {
    if (definition.within !== undefined || definition.unbounded || definition.afterMatch.kind !== 'none') {
      throw new WeirError('PATTERN_GROUP_OPTIONS', 'A group has a time limit or a skip strategy of its own.', { remedy: 'Say within(), unbounded() and afterMatch() of the whole pattern only.' });
    }
    const group: GroupElement = Object.freeze({ kind: 'group', elements: definition.elements, contiguity, quantifier: ONCE, withinPrevious: undefined });
    return this.#append(group);
  }

  #not(contiguity: 'strict' | 'relaxed', name: string, condition: unknown): Chain {
    const not: NotElement = Object.freeze({ kind: 'not', name, condition: condition as Condition | undefined, contiguity, withinPrevious: undefined });
    return this.#append(not);
  }

  #append(element: PatternElement): Chain {
    return this.#checked({ ...this.definition, elements: Object.freeze([...this.definition.elements, element]) });
  }

  #repeat(min: number, max: number): Chain {
    const whole = Number.isSafeInteger(min) && (max === Number.POSITIVE_INFINITY || Number.isSafeInteger(max));
    if (!whole || min < 1 || max < min) {
      throw new WeirError('PATTERN_TIMES', `A step cannot be taken from ${min} to ${max} times.`, { remedy: 'Use whole numbers of at least 1, the larger one last; optional() allows none.' });
    }
    return this.#quantify({ min, max });
  }

  /** The last word counts. */
  #prefer(preference: Preference): Chain {
    if (this.#last().kind === 'group') {
      throw new WeirError('PATTERN_GREEDY_GROUP', 'A group cannot be greedy or reluctant.', { remedy: 'Say it of the steps inside, or choose among matches with skipPastLast().' });
    }
    return this.#quantify({ preference });
  }

  #quantify(change: Partial<Quantifier>): Chain {
    const last = this.#last();
    if (last.kind === 'not') throw new WeirError('PATTERN_NEGATION', `The negation '${last.name}' has a quantifier.`, { remedy: 'Quantify the steps that take rows.' });
    return this.#replaceLast({ ...last, quantifier: Object.freeze({ ...last.quantifier, ...change }) });
  }

  #last(): PatternElement {
    const last = this.definition.elements.at(-1);
    if (last === undefined) throw new WeirError('PATTERN_EMPTY', 'A pattern has no step.', { remedy: "Begin it: pattern().begin('name', condition)." });
    return last;
  }

  #replaceLast(element: PatternElement): Chain {
    return new Chain({ ...this.definition, elements: Object.freeze([...this.definition.elements.slice(0, -1), Object.freeze(element)]) });
  }

  #checkUnlimited(): void {
    if (this.definition.within === undefined && !this.definition.unbounded) return;
    throw new WeirError('PATTERN_WITHIN', 'A pattern says twice how long a match may take.', { remedy: 'Say within() or unbounded() once.' });
  }

  #checked(definition: PatternDefinition): Chain {
    checkPattern(definition);
    return new Chain(definition);
  }
}

function checkTime(duration: Duration): void {
  if (duration > 0) return;
  throw new WeirError('PATTERN_WITHIN', 'A pattern allows no time at all.', { remedy: 'Use a duration above zero.' });
}
