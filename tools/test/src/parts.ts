import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasJavaAndMaven, underKafkaRule } from './kafka-rule.ts';
import { repositoryRoot, runProgram } from './run-program.ts';
import { TALLY_FILE } from './tally-reporter.ts';
import { oneFailed, onePassed, truthful } from './tally.ts';
import type { Tally } from './tally.ts';

/** One part of the check; `run` prints what its reader needs to mend a failure. */
export interface Part {
  readonly name: string;
  readonly run: () => Promise<Tally>;
}

/** The parts in the order in which a mistake is cheapest to find; with filters, only the tests whose path contains one. */
export function partsFor(filters: readonly string[]): readonly Part[] {
  const tests: Part = { name: 'tests', run: () => testsMatching(filters) };
  if (filters.length > 0) return [tests];
  const consoleConfig = 'apps/console/tsconfig.json';
  return [
    { name: 'types', run: () => quietly(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--pretty']) },
    ...(existsSync(join(repositoryRoot, consoleConfig))
      ? [{ name: 'types of the console', run: () => quietly(['node_modules/typescript/bin/tsc', '-p', consoleConfig, '--noEmit', '--pretty']) }]
      : []),
    { name: 'lint', run: () => quietly(['tools/lint/src/main.ts']) },
    { name: 'tidy', run: () => counted(['tools/tidy/src/main.ts']) },
    tests,
    // Last, because they say something only when the tests pass; a sample, as each costs a run of the tests that must see it.
    { name: 'mutants', run: () => counted(['tools/mutants/src/main.ts', '--sample']) },
  ];
}

/** A program that is one unit; its output is shown when it fails. */
async function quietly(argv: readonly string[]): Promise<Tally> {
  const { exitCode, output } = await runProgram(argv, 'keep');
  if (exitCode === 0) return onePassed;
  process.stdout.write(`${output.trimEnd()}\n`);
  return oneFailed;
}

/** A program that shows its own progress and leaves a tally. */
async function counted(argv: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-tally-'));
  try {
    const file = join(folder, 'tally.json');
    const { exitCode } = await runProgram(argv, 'show', { [TALLY_FILE]: file });
    return truthful(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Tally) : undefined, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function testsMatching(filters: readonly string[]): Promise<Tally> {
  const reporters = ['--reporter=default', '--reporter=./tools/test/src/tally-reporter.ts'];
  const tally = await counted(['node_modules/vitest/vitest.mjs', 'run', '--allowOnly=false', ...reporters, ...filters]);
  return underKafkaRule(tally, { canRun: hasJavaAndMaven(), isWhole: filters.length === 0 });
}
