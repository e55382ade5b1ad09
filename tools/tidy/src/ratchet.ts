import type { Offence } from './check.ts';
import type { Repository } from './repository.ts';

/** Where the offenders that were there before the rule are kept, with their size. */
export const RATCHET_PATH = 'tools/tidy/ratchet.json';

/** Sizes in lines, by path or by `path#function`. */
export interface Ratchet {
  readonly files: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, number>>;
}

/** Something measured: `subject` is the key in the ratchet. */
export interface Measured {
  readonly subject: string;
  readonly path: string;
  readonly line?: number;
  readonly lines: number;
}

/** The ratchet of a repository, empty where it keeps none. */
export function ratchetOf(repository: Repository): Ratchet {
  if (!repository.paths.includes(RATCHET_PATH)) return { files: {}, functions: {} };
  return JSON.parse(repository.read(RATCHET_PATH)) as Ratchet;
}

/**
 * What breaks a budget of `budget` lines (inclusive) when the sizes in `allowed` are forgiven: offenders that are new or
 * grew, and entries of the ratchet that are looser than they need to be.
 */
export function overBudget(measured: readonly Measured[], budget: number, allowed: Readonly<Record<string, number>>): readonly Offence[] {
  const sizes = new Map<string, Measured>();
  for (const item of measured) {
    const known = sizes.get(item.subject);
    if (known === undefined || known.lines < item.lines) sizes.set(item.subject, item);
  }
  const offences: Offence[] = [];
  for (const { subject, path, line, lines } of sizes.values()) {
    const limit = Math.max(budget, allowed[subject] ?? 0);
    const what = `${subject} has ${lines} lines, ${limit} are allowed; it is asking to be two`;
    if (lines > limit) offences.push(line === undefined ? { path, what } : { path, line, what });
  }
  for (const [subject, limit] of Object.entries(allowed)) {
    const lines = sizes.get(subject)?.lines ?? 0;
    if (lines < limit) offences.push({ path: RATCHET_PATH, what: `${subject} shrank to ${lines}; run npm run tidy -- --write` });
  }
  return offences;
}

/** The ratchet after it was tightened: entries shrink or go, none is added. */
export function tightened(measured: readonly Measured[], budget: number, allowed: Readonly<Record<string, number>>): Record<string, number> {
  const result: Record<string, number> = {};
  for (const [subject, limit] of Object.entries(allowed)) {
    const lines = Math.max(0, ...measured.filter((item) => item.subject === subject).map((item) => item.lines));
    if (lines > budget) result[subject] = Math.min(limit, lines);
  }
  return result;
}
