import { cpSync, globSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOMS = ['libs', 'apps', 'tools', 'examples', 'infra'];
const FILES = ['package.json', 'tsconfig.base.json', 'tsconfig.json', 'vitest.config.ts'];

/**
 * A copy of the repository's sources that can be broken without harm: packages are linked from the original, the workspace's own
 * ones from the copy, so that a planted defect is what every project sees.
 */
export function copyRepository(root: string): { readonly path: string; remove(): void } {
  const copy = mkdtempSync(join(tmpdir(), 'weir-mutants-'));
  for (const room of ROOMS) {
    cpSync(join(root, room), join(copy, room), { recursive: true, filter: (path) => !path.includes('node_modules') && !path.endsWith('.csv.gz') });
  }
  for (const file of globSync('apps/*/data/*.csv.gz', { cwd: root })) symlinkSync(join(root, file), join(copy, file));
  for (const file of FILES) cpSync(join(root, file), join(copy, file));
  linkModules(join(root, 'node_modules'), join(copy, 'node_modules'));
  return { path: copy, remove: () => rmSync(copy, { recursive: true, force: true }) };
}

function linkModules(from: string, to: string): void {
  mkdirSync(join(to, '@weir'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@weir' && name !== '.vite' && name !== '.vitest') symlinkSync(join(from, name), join(to, name));
  }
  // Workspace links are relative (../../libs/x), so the same link text points into the copy.
  for (const name of readdirSync(join(from, '@weir'))) symlinkSync(readlinkSync(join(from, '@weir', name)), join(to, '@weir', name));
}
