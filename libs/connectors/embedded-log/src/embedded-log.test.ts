import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logContract } from '@weir/testkit';
import type { LogUnderTest } from '@weir/testkit';
import { describe, it } from 'vitest';
import { openEmbeddedLog } from './index.ts';

async function open(): Promise<LogUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-log-'));
  let log = await openEmbeddedLog(directory);
  return {
    log,
    reopen: async () => {
      await log.close();
      log = await openEmbeddedLog(directory);
      return log;
    },
    dispose: async () => {
      await log.close();
      rmSync(directory, { recursive: true });
    },
  };
}

describe('the embedded log, as every log,', () => {
  it.each(Object.entries(logContract(open, { dropsOnAppend: true })))('%s', (_, check) => check());
});
