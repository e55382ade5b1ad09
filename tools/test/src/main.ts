/** What `npm test` runs: types, lint, tidy and all tests; with paths as arguments, only the tests below them. */
import { partsFor } from './parts.ts';
import { exitCodeOf, skippedLines, sumOf, totals } from './tally.ts';
import type { Tally } from './tally.ts';

const MS_PER_SECOND = 1000;

/** Set by a signal: the part that runs is let end, the others are not begun. */
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
  });
}

const lines: string[] = [];
const tallies: Tally[] = [];
for (const part of partsFor(process.argv.slice(2))) {
  process.stdout.write(`\n== ${part.name}\n`);
  const startedAt = performance.now();
  const tally = await part.run();
  const seconds = ((performance.now() - startedAt) / MS_PER_SECOND).toFixed(1);
  lines.push(`${tally.failed === 0 ? 'ok    ' : 'FAILED'}  ${part.name}: ${totals(tally)}  (${seconds} s)`);
  process.stdout.write(`${lines.at(-1) ?? ''}\n`);
  tallies.push(tally);
  if (interrupted) break;
}

const all = sumOf(tallies);
process.stdout.write(`\n== summary\n${lines.join('\n')}\n`);
for (const line of [...skippedLines(all.skipped), ...(all.complaints ?? []).map((complaint) => `FAILED  ${complaint}`)]) process.stdout.write(`${line}\n`);
if (interrupted) process.stdout.write('interrupted: the parts after this one did not run\n');
process.stdout.write(`${totals(all)}\n`);
process.exit(interrupted ? 130 : exitCodeOf(all));
