/**
 * Checks the repository against its own rules. With `--write` the generated files are written and the ratchet is tightened
 * first.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allChecks } from './all-checks.ts';
import { FILE_BUDGET, FUNCTION_BUDGET, measureFiles, measureFunctions } from './checks/budgets.ts';
import { generated } from './checks/generated.ts';
import { RATCHET_PATH, ratchetOf, tightened } from './ratchet.ts';
import { repositoryAt } from './repository.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const MAX_SHOWN = 40;

if (process.argv.includes('--write')) {
  const repository = repositoryAt(root);
  for (const { path, make } of generated) writeFileSync(join(root, path), make(repository));
  const ratchet = ratchetOf(repository);
  const files = tightened(measureFiles(repository), FILE_BUDGET, ratchet.files);
  const functions = tightened(measureFunctions(repository), FUNCTION_BUDGET, ratchet.functions);
  writeFileSync(join(root, RATCHET_PATH), `${JSON.stringify({ files, functions }, null, 2)}\n`);
}

const repository = repositoryAt(root);
let passed = 0;
let failed = 0;
for (const check of allChecks) {
  const offences = await check.find(repository);
  if (offences.length === 0) passed += 1;
  else failed += 1;
  process.stdout.write(`${offences.length === 0 ? 'ok    ' : 'FAILED'}  ${check.name}\n`);
  if (offences.length > 0) process.stdout.write(`        ${check.rule}\n`);
  for (const { path, line, what } of offences.slice(0, MAX_SHOWN)) {
    process.stdout.write(`        ${path}${line === undefined ? '' : `:${line}`}  ${what}\n`);
  }
  if (offences.length > MAX_SHOWN) process.stdout.write(`        and ${offences.length - MAX_SHOWN} more\n`);
}
const tallyFile = process.env['WEIR_TALLY_FILE'];
if (tallyFile !== undefined) writeFileSync(tallyFile, JSON.stringify({ passed, failed, skipped: [] }));
process.exit(failed === 0 ? 0 : 1);
