import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Check, Offence } from '../check.ts';

interface Named {
  readonly name: string;
  readonly line?: number;
}
/** The part of knip's JSON report that is read here: kinds of findings by file. */
type Report = { readonly issues: readonly (Readonly<Record<string, unknown>> & { readonly file: string })[] };

const KINDS: Readonly<Record<string, string>> = {
  files: 'no one imports this file',
  exports: 'is exported and used nowhere',
  types: 'is exported and used nowhere',
  duplicates: 'is exported twice',
  dependencies: 'is a dependency that nothing uses',
  devDependencies: 'is a dependency that nothing uses',
  unlisted: 'is imported and not a dependency of this project',
  unresolved: 'is imported and cannot be found',
};

const KNIP = fileURLToPath(new URL('../../../../node_modules/knip/bin/knip.js', import.meta.url));

/** Code that nothing reaches is not kept. */
export const deadExports: Check = {
  name: 'dead code',
  rule: 'No file, export or dependency that nothing uses, and no import of what is not declared (knip).',
  find(repository) {
    const run = spawnSync(process.execPath, [KNIP, '--reporter', 'json', '--no-progress'], {
      cwd: repository.root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const json = /^\{.*\}$/m.exec(run.stdout)?.[0];
    if (json === undefined) return [{ path: 'knip.config.ts', what: `knip gave no report: ${run.stderr.trim().slice(0, 400)}` }];
    return offencesOf(JSON.parse(json) as Report);
  },
};

/** knip's report as offences. */
export function offencesOf(report: Report): readonly Offence[] {
  return report.issues.flatMap((issue) =>
    Object.entries(KINDS).flatMap(([kind, what]) => {
      const found = (Array.isArray(issue[kind]) ? issue[kind] : []) as readonly (Named | readonly Named[])[];
      return found.map((one): Offence => {
        const first = 'name' in one ? one : (one[0] ?? { name: '' });
        const said = first.name === issue.file ? what : `${first.name} ${what}`;
        return first.line === undefined ? { path: issue.file, what: said } : { path: issue.file, line: first.line, what: said };
      });
    }),
  );
}
