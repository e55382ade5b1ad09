import { describe, expect, it } from 'vitest';
import { runNx } from './run-nx.ts';

interface Finding {
  readonly fixture: string;
  readonly rule: string | null;
  readonly line: number;
  readonly message: string;
}

/** The same run for all tests: eslint with the repository's configuration, started by nx. */
const run = runNx('@weir/lint:fixtures', [], false);
const json = /^findings (.*)$/m.exec(run.output)?.[1];
const findings = JSON.parse(json ?? '[]') as readonly Finding[];

/** `rule` or `rule x3` for each rule that spoke about the fixture. */
function rulesOf(fixture: string): readonly string[] {
  const counts = new Map<string, number>();
  for (const found of findings) {
    if (found.fixture === fixture) counts.set(String(found.rule), (counts.get(String(found.rule)) ?? 0) + 1);
  }
  return [...counts].map(([rule, count]) => (count === 1 ? rule : `${rule} x${count}`)).sort();
}

describe('lint', () => {
  it('ran through nx', () => {
    expect(run, run.output).toMatchObject({ exitCode: 0 });
    expect(findings.length).toBeGreaterThan(0);
  });

  it('refuses an import against the dependency law', () => {
    expect(rulesOf('illegal-import.ts')).toEqual(['@nx/enforce-module-boundaries']);
    expect(findings.find((found) => found.fixture === 'illegal-import.ts')?.message).toContain(
      'A project tagged with "layer:state" can only depend on libs tagged with "layer:model"',
    );
  });

  it('refuses an app that imports an app, a circle, and a package where none is allowed', () => {
    expect(rulesOf('illegal-app-import.ts')).toEqual(['@nx/enforce-module-boundaries']);
    expect(rulesOf('circular-import.ts')).toEqual(['@nx/enforce-module-boundaries']);
    expect(rulesOf('illegal-package.ts')).toEqual(['@nx/enforce-module-boundaries']);
  });

  it('lets a test import and do what production code may not', () => {
    expect(rulesOf('legal-in-a-test.ts')).toEqual([]);
  });

  it('forbids clocks, randomness, timers, process and node:* in the pure libraries', () => {
    expect(rulesOf('impure.ts')).toEqual([
      'no-restricted-globals x10',
      'no-restricted-imports',
      'no-restricted-properties',
      'no-restricted-syntax',
    ]);
  });

  it('forbids any, eval, empty catches and muted compilers', () => {
    expect(rulesOf('careless.ts')).toEqual([
      '@typescript-eslint/ban-ts-comment',
      '@typescript-eslint/no-explicit-any',
      'no-empty',
      'no-eval',
      'no-new-func',
    ]);
  });

  it('forbids promises that nobody awaits, and any that comes from elsewhere', () => {
    expect(rulesOf('floating.ts')).toEqual([
      '@typescript-eslint/no-floating-promises',
      '@typescript-eslint/no-unsafe-member-access',
    ]);
  });
});
