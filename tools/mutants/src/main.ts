import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyRepository } from './copy.ts';
import { plant, projectOf } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Random cases of each property. */
const FEW_RUNS = 200;
const MANY_RUNS = 2_000;

const root = resolve(import.meta.dirname, '../../..');
const mutants = globSync(['libs/*/mutants.json', 'libs/connectors/*/mutants.json', 'tools/*/mutants.json'], { cwd: root })
  .sort()
  .flatMap((list) => JSON.parse(readFileSync(join(root, list), 'utf8')) as Mutant[]);
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
if (process.argv.includes('--help')) {
  console.log('Plants each defect in the lists of mutants (mutants.json) in a copy of the repository and runs the tests that must see it.\nUsage: npm run mutants [-- --sample] [NAME ...]   with --sample, those that the list marks so');
  process.exit(0);
}

const onlySample = process.argv.includes('--sample');
const chosen = mutants.filter((mutant) => (wanted.length === 0 ? !onlySample || mutant.sample === true : wanted.includes(mutant.name)));
const copy = copyRepository(root);
let survivors = 0;
try {
  const byRuns = Map.groupBy(chosen, ({ runs = FEW_RUNS }) => runs);
  if ([...byRuns].every(([runs, group]) => !testsFail(copy.path, [...new Set(group.flatMap(testsOf))], runs))) {
    for (const mutant of chosen) {
      const remove = plant(copy.path, mutant);
      const tests = testsOf(mutant);
      // Random cases may miss a rare defect; it survives when many more of them miss it, too.
      const killed = testsFail(copy.path, tests, mutant.runs) || (mutant.runs === undefined && testsFail(copy.path, tests, MANY_RUNS));
      remove();
      if (!killed) survivors++;
      console.log(`${killed ? '✓ caught  ' : '✗ SURVIVED'} ${mutant.name}`);
    }
  } else {
    survivors = chosen.length;
    console.log('✗ The tests fail without any mutant; nothing can be shown.');
  }
} finally {
  copy.remove();
}
const tallyFile = process.env['WEIR_TALLY_FILE'];
if (tallyFile !== undefined) writeFileSync(tallyFile, JSON.stringify({ passed: chosen.length - survivors, failed: survivors, skipped: [] }));
console.log(`${chosen.length - survivors} passed, ${survivors} failed`);
process.exitCode = survivors === 0 && chosen.length > 0 ? 0 : 1;

/** True when at least one test fails; stops at the first. */
function testsFail(directory: string, tests: readonly string[], runs = FEW_RUNS): boolean {
  const vitest = join(directory, 'node_modules/vitest/vitest.mjs');
  const run = spawnSync(process.execPath, [vitest, 'run', '--bail=1', '--reporter=dot', ...tests], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, WEIR_RUNS: String(runs) },
  });
  if (run.error !== undefined) throw run.error;
  if (/No test files found/.test(run.stdout + run.stderr)) throw new Error(`No tests in ${tests.join(', ')}.`);
  return run.status !== 0;
}

/** The tests that must see a defect: those that it names, or all of its project. */
function testsOf({ tests, file }: Mutant): readonly string[] {
  return tests ?? [projectOf(file)];
}
