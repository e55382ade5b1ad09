import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from './run-program.ts';
import { TALLY_FILE } from './tally-reporter.ts';
import type { Tally } from './tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-tally-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function tallyOf(fixture: string): Promise<Tally> {
  const file = join(folder, `${fixture}.json`);
  await runProgram(
    ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tools/test/fixtures/vitest.config.ts', '--reporter=./tools/test/src/tally-reporter.ts', fixture],
    'keep',
    { [TALLY_FILE]: file, VITEST: '', VITEST_WORKER_ID: '', VITEST_POOL_ID: '' },
  );
  return JSON.parse(readFileSync(file, 'utf8')) as Tally;
}

describe('tally reporter', () => {
  it('tells passed, failed and skipped tests apart, with the reason', async () => {
    expect(await tallyOf('mixed')).toEqual({
      passed: 1,
      failed: 1,
      skipped: [
        { file: 'mixed.fixture.ts', name: 'is skipped with a reason', why: 'no broker here', needsBroker: false },
        { file: 'mixed.fixture.ts', name: 'a suite that is left out > never runs', why: 'no reason given', needsBroker: false },
        { file: 'mixed.fixture.ts', name: 'a suite that says why > never runs', why: 'no engine (of any kind)', needsBroker: false },
      ],
      ranWithBroker: 0,
    });
  });

  it('tells apart what asks for a broker', async () => {
    expect(await tallyOf('broker')).toEqual({
      passed: 1,
      failed: 0,
      skipped: [{ file: 'broker.fixture.ts', name: 'a suite > is skipped', why: 'there is none', needsBroker: true }],
      ranWithBroker: 1,
    });
  });

  it('counts a file that cannot be loaded', async () => {
    expect(await tallyOf('cannot-load')).toEqual({ passed: 0, failed: 1, skipped: [], ranWithBroker: 0 });
  });

  it('counts a hook that failed', async () => {
    expect((await tallyOf('failing-hook')).failed).toBeGreaterThan(0);
  });

  it('counts an error that no test caught', async () => {
    expect(await tallyOf('unhandled')).toEqual({ passed: 1, failed: 1, skipped: [], ranWithBroker: 0 });
  });
});
