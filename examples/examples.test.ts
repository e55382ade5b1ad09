import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const folder = import.meta.dirname;
const programs = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name));

/** What the comment at the head of a program says that it prints. */
function expected(program: string): string {
  const lines = readFileSync(join(folder, program), 'utf8').split('\n');
  const from = lines.indexOf('// Prints:') + 1;
  const end = lines.findIndex((line, index) => index >= from && !line.startsWith('//'));
  return lines
    .slice(from, end)
    .map((line) => line.replace(/^\/\/ {0,3}/, ''))
    .join('\n');
}

it.each(programs)('%s prints what its head says', { timeout: 60_000 }, (program) => {
  const printed = execFileSync(process.execPath, [join(folder, program)], { encoding: 'utf8' });
  expect(printed.trimEnd()).toBe(expected(program));
});

it('finds the programs', () => {
  expect(programs.length).toBeGreaterThan(2);
});
