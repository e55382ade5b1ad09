/**
 * Lints every fixture with the repository's own configuration, and prints the findings as one line of JSON. A fixture is
 * judged as if it lay where its first line says (`// as: libs/model/src/x.ts`), or in its place, with types, where the
 * line says `// in place`. Run through nx: see the `fixtures` target.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { typedRules } from './typed-rules.ts';
import { repositoryRoot } from './run-nx.ts';

const folder = join(repositoryRoot, 'tools', 'lint', 'fixtures');
const inPlace = new ESLint({ cwd: repositoryRoot, ignore: false });
// A path where no file lies is part of no TypeScript program, so the rules that ask for types cannot run there.
const elsewhere = new ESLint({
  cwd: repositoryRoot,
  overrideConfig: {
    languageOptions: { parserOptions: { projectService: false } },
    rules: Object.fromEntries(Object.keys(typedRules).map((name) => [name, 'off' as const])),
  },
});

const findings: { fixture: string; rule: string | null; line: number; message: string }[] = [];
for (const fixture of readdirSync(folder).filter((name) => name.endsWith('.ts')).sort()) {
  const path = join(folder, fixture);
  const text = readFileSync(path, 'utf8');
  const as = /^\/\/ as: (\S+)/.exec(text)?.[1];
  if (as === undefined && !text.startsWith('// in place')) throw new Error(`${fixture}: the first line does not say where it lies`);
  const [result] = as === undefined ? await inPlace.lintFiles([path]) : await elsewhere.lintText(text, { filePath: join(repositoryRoot, as) });
  for (const found of result?.messages ?? []) findings.push({ fixture, rule: found.ruleId, line: found.line, message: found.message });
}
process.stdout.write(`findings ${JSON.stringify(findings)}\n`);
