import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import type { Skipped, Tally } from './tally.ts';

/** The variable that names the file to which the tally goes. */
export const TALLY_FILE = 'WEIR_TALLY_FILE';

/**
 * A vitest reporter that counts truthfully: besides tests, a module that could not be loaded, a suite whose hook failed,
 * and every unhandled error count as failures.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env[TALLY_FILE];
    if (file === undefined) throw new Error(`${TALLY_FILE} does not name a file`);
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: Skipped[] = [];
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'skipped') skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, why: result.note ?? 'no reason given' });
        else failed += 1; // failed, or never finished
      }
    }
    writeFileSync(file, JSON.stringify({ passed, failed, skipped } satisfies Tally));
  }
}
