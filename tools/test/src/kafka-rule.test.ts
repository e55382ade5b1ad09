import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asksForBroker, hasJavaAndMaven, underKafkaRule } from './kafka-rule.ts';
import { repositoryRoot } from './run-program.ts';
import { exitCodeOf, totals } from './tally.ts';
import type { Tally } from './tally.ts';

const other = { file: 'page.test.ts', name: 'in a browser', why: 'no browser', needsBroker: false };
const kafka = { file: 'kafka.test.ts', name: 'reads', why: 'there is no java', needsBroker: true };
const tally = (skipped: Tally['skipped'], ranWithBroker: number): Tally => ({ passed: 5, failed: 0, skipped, ranWithBroker });
const whole = { canRun: true, isWhole: true };

describe('the rule of the Kafka tests', () => {
  it('excuses them where Java or Maven is missing', () => {
    const skipped = tally([kafka, other], 0);
    expect(underKafkaRule(skipped, { canRun: false, isWhole: true })).toBe(skipped);
  });

  it('is kept by a run of them all', () => {
    const sound = tally([other], 3);
    expect(underKafkaRule(sound, whole)).toBe(sound);
  });

  it('counts those that were skipped as failed where they can run, also when others of them ran', () => {
    const broken = underKafkaRule(tally([kafka, other, { ...kafka, name: 'writes' }], 3), { canRun: true, isWhole: false });
    expect(totals(broken)).toBe('5 passed, 2 failed, 1 skipped');
    expect(broken.complaints).toEqual(['Java and Maven are there, and 2 tests of Kafka were skipped: there is no java.']);
    expect(exitCodeOf(broken)).toBe(1);
  });

  it('counts a whole run without any as failed, and no run of a few files', () => {
    const without = tally([other], 0);
    expect(underKafkaRule(without, whole)).toMatchObject({ failed: 1, complaints: ['Java and Maven are there, and no test of Kafka ran.'] });
    expect(underKafkaRule(without, { canRun: true, isWhole: false })).toBe(without);
  });

  it('knows the files that ask for a broker', () => {
    const source = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
    expect(asksForBroker(source('libs/connectors/kafka/src/kafka-log.test.ts'))).toBe(true);
    expect(asksForBroker(source('tools/trials/src/main-job-on-kafka.oracle.test.ts'))).toBe(true);
    expect(asksForBroker(source('tools/test/src/tally.test.ts'))).toBe(false);
  });
});

describe('Java and Maven', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-path-'));
    for (const program of ['java', 'mvn']) {
      mkdirSync(join(folder, program));
      writeFileSync(join(folder, program, program), '#!/bin/sh\n');
      chmodSync(join(folder, program, program), 0o755);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are looked for on the path, both of them', () => {
    expect(hasJavaAndMaven([join(folder, 'java'), join(folder, 'mvn')].join(delimiter))).toBe(true);
    expect(hasJavaAndMaven(join(folder, 'java'))).toBe(false);
    expect(hasJavaAndMaven(join(folder, 'mvn'))).toBe(false);
    expect(hasJavaAndMaven('')).toBe(false);
  });
});
