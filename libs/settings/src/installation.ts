import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

/** The version of the code that runs: in the label of every result, and in every checkpoint. */
export function codeVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { readonly version: string }).version;
}

/** The folder of the catalog's migrations. */
export function catalogMigrations(): string {
  return fileURLToPath(new URL('infra/migrations/postgres', ROOT));
}
