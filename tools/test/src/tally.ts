/** A test that did not run, and why. */
export interface Skipped {
  readonly file: string;
  readonly name: string;
  readonly why: string;
  /** True in a file that asks for a Kafka broker. */
  readonly needsBroker: boolean;
}

/** What one part of the check found; the numbers are of check units: a test, a rule of tidy, a whole compiler run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skipped[];
  /** Of those that passed or failed, how many are in files that ask for a Kafka broker. */
  readonly ranWithBroker?: number;
  /** What is wrong beside failures of units, a sentence each. */
  readonly complaints?: readonly string[];
}

/** One unit that passed. */
export const onePassed: Tally = { passed: 1, failed: 0, skipped: [] };

/** One unit that failed. */
export const oneFailed: Tally = { passed: 0, failed: 1, skipped: [] };

/** The tallies of all parts together. */
export function sumOf(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, tally) => total + tally.passed, 0),
    failed: tallies.reduce((total, tally) => total + tally.failed, 0),
    skipped: tallies.flatMap((tally) => tally.skipped),
    complaints: tallies.flatMap((tally) => tally.complaints ?? []),
  };
}

/**
 * The tally that a program left, made to agree with how the program ended: an unreadable tally, one of nothing at all,
 * and one without failures from a program that failed, each count as a failure.
 */
export function truthful(tally: Tally | undefined, exitCode: number): Tally {
  if (tally === undefined) return oneFailed;
  const nothingRan = tally.passed + tally.failed === 0;
  const silentFailure = exitCode !== 0 && tally.failed === 0;
  return nothingRan || silentFailure ? { ...tally, failed: tally.failed + 1 } : tally;
}

/** `N passed, N failed`, with `, N skipped` where something was. */
export function totals(tally: Tally): string {
  const skipped = tally.skipped.length === 0 ? '' : `, ${tally.skipped.length} skipped`;
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}

/** 0 when everything that there is passed and there was something, else 1. */
export function exitCodeOf(tally: Tally): 0 | 1 {
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

/** What was skipped and why, a line for each reason: one test by its name, several of a file by their number. */
export function skippedLines(skipped: readonly Skipped[]): readonly string[] {
  return [...Map.groupBy(skipped, ({ why }) => why)].map(([why, sameReason]) => {
    const files = [...Map.groupBy(sameReason, ({ file }) => file)];
    return `skipped: ${files.map(([file, tests]) => (tests.length === 1 ? `${file} > ${tests[0]!.name}` : `${tests.length} tests of ${file}`)).join('; ')} (${why})`;
  });
}
