import { WeirError } from '@weir/model';
import { expectation } from './leaf.ts';
import type { Leaf } from './leaf.ts';

/** The ways in which a setting can be given. */
export function waysOf({ option, variable, name, field }: Leaf): string {
  const value = field.type === 'boolean' ? '' : ` ${field.placeholder ?? 'VALUE'}`;
  return `Pass --${option}${value}, set ${variable}, or write "${name}" in the file that --config names.`;
}

/** That a setting is needed and was not given. */
export function missing(leaf: Leaf, why = ''): WeirError {
  return new WeirError('SETTING_MISSING', `The setting '${leaf.name}' is not given${why}.`, { remedy: waysOf(leaf) });
}

/** That a setting has a value that it cannot have; `shown` is the value as it may be shown. */
export function invalid(leaf: Leaf, from: string, shown: string, cause?: unknown): WeirError {
  return new WeirError('SETTING_INVALID', `The setting '${leaf.name}' (${from}) is ${shown}, which is not ${expectation(leaf.field)}.`, { remedy: waysOf(leaf), cause });
}

/** That there is no such setting; names the one that was probably meant. */
export function unknown(name: string, from: string, known: readonly string[], written: (name: string) => string): WeirError {
  const near = known.map((candidate) => ({ candidate, distance: distanceOf(name, candidate) })).sort((a, b) => a.distance - b.distance)[0];
  const meant = near !== undefined && near.distance <= Math.max(2, name.length / 3) ? `Did you mean ${written(near.candidate)}? ` : '';
  return new WeirError('SETTING_UNKNOWN', `There is no setting ${written(name)} (${from}).`, { remedy: `${meant}--help names them all.` });
}

/** Letters to insert, delete or replace (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
