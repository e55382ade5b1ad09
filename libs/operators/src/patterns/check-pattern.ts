import { WeirError } from '@weir/model';
import { stepsOf } from './pattern-definition.ts';
import type { PatternDefinition, PatternElement } from './pattern-definition.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,79}$/;

/**
 * Refuses what cannot become right by adding to it. Throws PATTERN_STEP_NAME, PATTERN_DUPLICATE_STEP, PATTERN_NEGATION, PATTERN_GROUP_EMPTY
 * and PATTERN_SKIP_STEP.
 */
export function checkPattern({ elements, afterMatch }: PatternDefinition): void {
  const names = namesOf(elements);
  for (const name of names) {
    if (!NAME.test(name)) throw new WeirError('PATTERN_STEP_NAME', `${JSON.stringify(name)} is no name for a step of a pattern.`, { remedy: 'Use letters, digits, - and _, beginning with a letter, at most 80.' });
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new WeirError('PATTERN_DUPLICATE_STEP', `Two steps of a pattern are called '${twice}'.`, { remedy: 'Rename one: a match has the rows of each step by its name.' });
  checkBeginning(elements);
  for (const element of elements) if (element.kind === 'group') checkGroup(element.elements);
  const { step } = afterMatch;
  if (step !== undefined && !stepsOf(elements).some(({ name }) => name === step)) {
    throw new WeirError('PATTERN_SKIP_STEP', `The skip strategy names the step '${step}', which takes no rows in this pattern.`, { remedy: 'Name one of its steps; groups and negations have no rows.' });
  }
}

/** Refuses a group that could take no row: leaving out the whole group would be the same thing said in a second way. */
function checkGroup(elements: readonly PatternElement[]): void {
  checkBeginning(elements);
  const last = elements.at(-1);
  if (last?.kind === 'not') throw new WeirError('PATTERN_NEGATION', `The group ends in the negation '${last.name}'.`, { remedy: 'Put the negation behind the group, or a step behind the negation.' });
  if (canBeEmpty(elements)) throw new WeirError('PATTERN_GROUP_EMPTY', 'All steps of a group are optional.', { remedy: 'Make one of them required, and the whole group optional().' });
}

function checkBeginning(elements: readonly PatternElement[]): void {
  const first = elements[0];
  if (first?.kind === 'not') throw new WeirError('PATTERN_NEGATION', `The pattern begins with the negation '${first.name}'.`, { remedy: 'Begin it with a step that takes a row.' });
}

/** True when every step may be left out. */
export function canBeEmpty(elements: readonly PatternElement[]): boolean {
  return elements.every((element) => element.kind === 'not' || element.quantifier.optional);
}

/** Names of all steps and negations. */
function namesOf(elements: readonly PatternElement[]): readonly string[] {
  return elements.flatMap((element) => (element.kind === 'group' ? namesOf(element.elements) : [element.name]));
}
