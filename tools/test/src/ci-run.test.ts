import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from './run-program.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-ci-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The last line of `.ci/run` and how it ends, with an `npm` that prints this and ends so. */
function ciRun(printed: string, code: number): readonly [last: string | undefined, status: number | null] {
  const npm = join(folder, 'npm');
  writeFileSync(npm, `#!/bin/sh\nprintf '${printed}'\nexit ${code}\n`);
  chmodSync(npm, 0o755);
  const { stdout, status } = spawnSync(join(repositoryRoot, '.ci/run'), { encoding: 'utf8', env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` } });
  return [stdout.trimEnd().split('\n').at(-1), status];
}

describe('.ci/run', () => {
  it('ends with the totals of npm test alone on a line', () => {
    expect(ciRun('== summary\\n7 passed, 0 failed, 2 skipped\\n', 0)).toEqual(['7 passed, 0 failed', 0]);
    expect(ciRun('3 passed, 0 failed\\n7 passed, 0 failed\\n', 0)).toEqual(['7 passed, 0 failed', 0]);
  });

  it('fails when something failed, as when tests of Kafka were skipped where they can run', () => {
    expect(ciRun('FAILED  Java and Maven are there, and 2 tests of Kafka were skipped: x.\\n5 passed, 2 failed, 1 skipped\\n', 1)).toEqual(['5 passed, 2 failed', 1]);
  });

  it('fails when npm test failed without a failure to show, or ran nothing', () => {
    expect(ciRun('5 passed, 0 failed\\n', 1)).toEqual(['5 passed, 1 failed', 1]);
    expect(ciRun('0 passed, 0 failed\\n', 0)).toEqual(['0 passed, 1 failed', 1]);
    expect(ciRun('', 1)).toEqual(['0 passed, 1 failed', 1]);
  });
});
