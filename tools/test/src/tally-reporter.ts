import { readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { asksForBroker } from './kafka-rule.ts';
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
    let ranWithBroker = 0;
    const skipped: Skipped[] = [];
    for (const module of modules) {
      const needsBroker = asksForBroker(readFileSync(module.moduleId, 'utf8'));
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'skipped') {
          skipped.push({ file: module.relativeModuleId, needsBroker, ...nameAndReason(test.fullName, result.note) });
          continue;
        }
        if (result.state === 'passed') passed += 1;
        else failed += 1; // failed, or never finished
        if (needsBroker) ranWithBroker += 1;
      }
    }
    writeFileSync(file, JSON.stringify({ passed, failed, skipped, ranWithBroker } satisfies Tally));
  }
}

/** The reason is what the test noted, or what the name of a suite says in `(skipped: ...)`, as a suite has no other place for it. */
function nameAndReason(fullName: string, note: string | undefined): Pick<Skipped, 'name' | 'why'> {
  const [said = '', reason] = / \(skipped: (.*?)\)(?= > |$)/.exec(fullName) ?? [];
  return { name: fullName.replace(said, ''), why: note ?? reason ?? 'no reason given' };
}
