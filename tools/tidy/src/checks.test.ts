import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Check } from './check.ts';
import { FILE_BUDGET, FUNCTION_BUDGET, fileBudget, functionBudget } from './checks/budgets.ts';
import { deadExports, offencesOf } from './checks/dead-exports.ts';
import { errorCodes } from './checks/error-codes.ts';
import { escapes } from './checks/escapes.ts';
import { fileNames } from './checks/file-names.ts';
import { inStep, withSection } from './checks/generated.ts';
import { layerTags } from './checks/layers.ts';
import { machinePaths } from './checks/machine-paths.ts';
import { manifests } from './checks/manifests.ts';
import { markdown } from './checks/markdown.ts';
import { rooms } from './checks/rooms.ts';
import { tightened } from './ratchet.ts';
import { repositoryOf } from './repository.ts';

/** `path:line what` for each offence of a repository made of texts. */
async function offences(check: Check, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found = await check.find(repositoryOf(files));
  return found.map(({ path, line, what }) => `${path}${line === undefined ? '' : `:${line}`} ${what}`);
}

function manifest(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ version: '1.0.0', private: true, ...fields });
}

const lines = (count: number): string => 'let a = 1;\n'.repeat(count);
const body = (count: number): string => `function long() {\n${'  a();\n'.repeat(count - 2)}}\n`;

describe('layers', () => {
  const root = { 'package.json': manifest({ name: 'weir', nx: { tags: ['layer:workspace'] } }) };
  const model = { 'libs/model/package.json': manifest({ name: '@weir/model', nx: { tags: ['layer:model'] } }) };

  it('accepts one tag that fits the folder, the nearer folder first', async () => {
    const api = { 'libs/connectors/api/package.json': manifest({ name: '@weir/connector-api', nx: { tags: ['layer:connector-api'] } }) };
    expect(await offences(layerTags, { ...root, ...model, ...api })).toEqual([]);
  });

  it('refuses a missing, a second and a wrong tag, and a folder outside the law', async () => {
    for (const tags of [[], ['layer:model', 'layer:schema'], ['layer:schema']]) {
      expect(await offences(layerTags, { ...root, 'libs/model/package.json': manifest({ nx: { tags } }) })).toHaveLength(1);
    }
    expect(await offences(layerTags, { ...root, 'libs/attic/package.json': manifest({ nx: { tags: ['layer:model'] } }) })).toEqual([
      'libs/attic/package.json no layer has the folder libs/attic; add it to tools/lint/src/dependency-law.ts',
    ]);
  });

  it('refuses a declared dependency against the law, and a connector with two clients', async () => {
    const state = { 'libs/state/package.json': manifest({ name: '@weir/state', nx: { tags: ['layer:state'] } }) };
    const greedy = { ...root, ...state, 'libs/model/package.json': manifest({ nx: { tags: ['layer:model'] }, dependencies: { '@weir/state': '1.0.0' } }) };
    expect(await offences(layerTags, greedy)).toEqual(['libs/model/package.json depends on @weir/state, which layer:model may not import']);
    const clients = { pg: '1.0.0', lmdb: '1.0.0', '@types/pg': '1.0.0' };
    const two = { ...root, 'libs/connectors/two/package.json': manifest({ nx: { tags: ['layer:connector'] }, dependencies: clients }) };
    expect(await offences(layerTags, two)).toEqual(['libs/connectors/two/package.json has 2 clients (pg, lmdb); a connector has one']);
  });
});

describe('manifests', () => {
  it('refuses ranges, strange names, other versions and second doors', async () => {
    const files = {
      'package.json': manifest({ name: 'weir', devDependencies: { a: '1.2.3', b: '^1.2.3' } }),
      'libs/model/package.json': JSON.stringify({ version: '1.0.1', name: 'model', exports: { '.': './src/index.ts', './inner': './src/inner.ts' } }),
    };
    expect(await offences(manifests, files)).toEqual([
      'package.json b is "^1.2.3"; pin it to one version',
      'libs/model/package.json is not private',
      "libs/model/package.json version 1.0.1 differs from the root's 1.0.0",
      'libs/model/package.json is named model; projects are named @weir/<kebab-case>',
      'libs/model/package.json its exports are not the one door ./src/index.ts',
    ]);
  });
});

describe('rooms', () => {
  it('asks the README for each project', async () => {
    const files = { 'package.json': manifest({}), 'README.md': '[model](libs/model)', 'libs/model/package.json': manifest({}), 'libs/state/package.json': manifest({}) };
    expect(await offences(rooms, files)).toEqual(['README.md does not show libs/state']);
  });
});

describe('file names', () => {
  it('bans names that say nothing, and other cases', async () => {
    const files = { 'libs/a/src/utils.ts': '', 'libs/a/src/helpers/x.ts': '', 'libs/a/src/date-utils.test.ts': '', 'libs/a/src/TumblingWindow.ts': '', 'libs/a/src/tumbling.property.test.ts': '' };
    expect(await offences(fileNames, files)).toEqual([
      'libs/a/src/TumblingWindow.ts is not in kebab-case',
      'libs/a/src/date-utils.test.ts "date-utils" says nothing; name the concept',
      'libs/a/src/helpers/x.ts "helpers" says nothing; name the concept',
      'libs/a/src/utils.ts "utils" says nothing; name the concept',
    ]);
  });
});

describe('budgets', () => {
  const forgiving = (files: Record<string, number>, functions: Record<string, number>): Record<string, string> => ({ 'tools/tidy/ratchet.json': JSON.stringify({ files, functions }) });

  it('take the last line that is allowed, and refuse the next', async () => {
    expect(await offences(fileBudget, { 'a.ts': lines(FILE_BUDGET) })).toEqual([]);
    expect(await offences(fileBudget, { 'a.ts': lines(FILE_BUDGET + 1) })).toEqual([`a.ts a.ts has ${FILE_BUDGET + 1} lines, ${FILE_BUDGET} are allowed; it is asking to be two`]);
    expect(await offences(functionBudget, { 'a.ts': body(FUNCTION_BUDGET) })).toEqual([]);
    expect(await offences(functionBudget, { 'a.ts': body(FUNCTION_BUDGET + 1) })).toEqual([`a.ts:1 a.ts#long has ${FUNCTION_BUDGET + 1} lines, ${FUNCTION_BUDGET} are allowed; it is asking to be two`]);
  });

  it('do not count the list of cases of a describe, but each case', async () => {
    const cases = (count: number): string => `describe('x', () => {\n  it('y', () => {\n${'    a();\n'.repeat(count)}  });\n});\n`;
    expect(await offences(functionBudget, { 'a.test.ts': cases(FUNCTION_BUDGET - 2) })).toEqual([]);
    expect(await offences(functionBudget, { 'a.test.ts': cases(FUNCTION_BUDGET) })).toHaveLength(1);
  });

  it('forgive what the ratchet lists, no more, and ask for a looser entry to be tightened', async () => {
    const long = { 'a.ts': lines(500) };
    expect(await offences(fileBudget, { ...long, ...forgiving({ 'a.ts': 500 }, {}) })).toEqual([]);
    expect(await offences(fileBudget, { ...long, ...forgiving({ 'a.ts': 499 }, {}) })).toHaveLength(1);
    expect(await offences(fileBudget, { ...long, ...forgiving({ 'a.ts': 501 }, {}) })).toEqual(['tools/tidy/ratchet.json a.ts shrank to 500; run npm run tidy -- --write']);
  });

  it('let a ratchet only shrink', () => {
    const measured = [
      { subject: 'shrank', path: 'shrank', lines: 450 },
      { subject: 'grew', path: 'grew', lines: 600 },
      { subject: 'mended', path: 'mended', lines: 10 },
      { subject: 'new', path: 'new', lines: 900 },
    ];
    expect(tightened(measured, FILE_BUDGET, { shrank: 500, grew: 500, mended: 500, deleted: 500 })).toEqual({ shrank: 450, grew: 500 });
  });
});

describe('escapes', () => {
  it('asks for a rule and a reason', async () => {
    const files = {
      'a.ts': '// eslint-disable-next-line no-eval\n// eslint-disable-next-line\n/* eslint-disable @nx/x -- the fixture breaks it */',
    };
    expect(await offences(escapes, files)).toEqual([
      'a.ts:1 a disabled rule is named, and its reason follows " -- "',
      'a.ts:2 a disabled rule is named, and its reason follows " -- "',
      'a.ts makes code from text; one file of libs/codecs may',
    ]);
  });

  it('lets one file of the codecs make code from text, with a reason', async () => {
    const maker = '// eslint-disable-next-line no-new-func -- the scanner is compiled from the schema';
    expect(await offences(escapes, { 'libs/codecs/src/compile.ts': maker })).toEqual([]);
    expect(await offences(escapes, { 'libs/codecs/src/compile.ts': maker, 'libs/codecs/src/second.ts': maker })).toHaveLength(1);
  });

  it('refuses errors that are expected without a reason in production code, and notes of work', async () => {
    const note = ['// TO', 'DO later'].join('');
    expect(await offences(escapes, { 'a.ts': `// @ts-expect-error\n${note}`, 'a.test.ts': '// @ts-expect-error' })).toEqual([
      'a.ts:1 an expected error says why it is expected',
      'a.ts:2 work that is left belongs to a tracker, or is done',
    ]);
  });
});

describe('machine paths', () => {
  it('finds paths of a machine and hosts of registries', async () => {
    const files = { 'a.md': 'see /' + 'work/main/a.ts\nsee ./work/a and https://example.org/home/x', 'package-lock.json': '"resolved": "https://example.org/a.tgz"\n"resolved": "libs/model"' };
    expect(await offences(machinePaths, files)).toEqual([
      'a.md:1 names /' + 'work/main, a path of one machine',
      'package-lock.json:1 a package is bound to the host it came from; install with omit-lockfile-registry-resolved',
    ]);
    expect(await offences(machinePaths, { '.npmrc': 'registry=https://registry.' + 'npmjs.org/' })).toHaveLength(1);
  });
});

describe('markdown', () => {
  it('asks for one title, on the first line', async () => {
    expect(await offences(markdown, { 'a.md': '# One\n\n```sh\n# not a title\n```\n' })).toEqual([]);
    expect(await offences(markdown, { 'a.md': 'text\n# One\n' })).toEqual(['a.md:2 the title is not the first line']);
    expect(await offences(markdown, { 'a.md': '# One\n# Two\n' })).toEqual(['a.md has 2 H1 titles']);
    expect(await offences(markdown, { 'a.md': '' })).toEqual(['a.md has 0 H1 titles']);
  });

  it('follows links to files, folders and headings', async () => {
    const page = '# A\n[b](docs/b.md#the-one-idea) [folder](docs) [web](https://example.org) `[code](nowhere)` [self](#a)\n';
    expect(await offences(markdown, { 'a.md': page, 'docs/b.md': '# B\n## The one idea\n[up](../a.md)\n' })).toEqual([]);
    expect(await offences(markdown, { 'a.md': '# A\n[gone](docs/gone.md)\n<img src="gone.svg">\n[self](#b)\n' })).toEqual([
      'a.md:2 leads to docs/gone.md, which is not there',
      'a.md:3 leads to gone.svg, which is not there',
      'a.md:4 leads to #b, which a.md does not have',
    ]);
  });
});

describe('error codes', () => {
  const page = '# Errors\n| code | meaning |\n|---|---|\n| `LOG_GAP` | x |\n| `KEY_MISSING` | x |\n| `JSON_SYNTAX` | x |\n';
  const source = "throw new WeirError(\n  gap ? 'LOG_GAP' : 'KEY_MISSING', '');\nconst t = { code: 'JSON_SYNTAX' };";

  it('accepts a page in step', async () => {
    expect(await offences(errorCodes, { 'docs/errors.md': page, 'libs/a/src/a.ts': source, 'libs/a/src/a.test.ts': "new WeirError('ANY_THING')" })).toEqual([]);
  });

  it('finds a code without a row, and a row without a code', async () => {
    const files = { 'docs/errors.md': page.replace('LOG_GAP', 'LOG_GONE'), 'apps/a/src/a.ts': source };
    expect(await offences(errorCodes, files)).toEqual(['apps/a/src/a.ts:1 LOG_GAP is not explained in docs/errors.md', 'docs/errors.md:4 LOG_GONE is used nowhere']);
  });

  it('refuses a code that cannot be read in the source', async () => {
    const files = { 'docs/errors.md': '# Errors\n', 'libs/a/src/a.ts': 'throw new WeirError(code, "");' };
    expect(await offences(errorCodes, files)).toEqual(['libs/a/src/a.ts:1 the code of a WeirError is written as a literal, so that it can be found']);
  });
});

describe('generated files', () => {
  it('compares with what the generator writes', async () => {
    const check = inStep([{ path: 'a.json', make: () => '{}\n' }]);
    expect(await offences(check, { 'a.json': '{}\n' })).toEqual([]);
    expect(await offences(check, { 'a.json': '{ }\n' })).toEqual(['a.json is out of step with its generator']);
    expect(await offences(check, {})).toEqual(['a.json is missing']);
  });

  it('replaces the text between its markers and no other', () => {
    const page = 'a\n<!-- generated: law -->\nold\n<!-- end -->\nb\n';
    expect(withSection(page, 'law', 'new')).toBe('a\n<!-- generated: law -->\nnew\n<!-- end -->\nb\n');
    expect(() => withSection(page, 'other', 'new')).toThrow('no section "other"');
  });
});

describe('dead code', () => {
  it('finds a file that nobody imports and an export that nobody uses', async () => {
    const root = fileURLToPath(new URL('../fixtures/dead', import.meta.url));
    expect(await deadExports.find({ ...repositoryOf({}), root })).toEqual([
      { path: 'src/orphan.ts', what: 'no one imports this file' },
      { path: 'src/part.ts', line: 3, what: 'unused is exported and used nowhere' },
    ]);
  });

  it('reads a report', () => {
    const issue = { file: 'a.ts', files: [{ name: 'a.ts' }], exports: [{ name: 'unused', line: 3 }], duplicates: [[{ name: 'x' }, { name: 'y' }]], unlisted: [] };
    expect(offencesOf({ issues: [issue] })).toEqual([
      { path: 'a.ts', what: 'no one imports this file' },
      { path: 'a.ts', line: 3, what: 'unused is exported and used nowhere' },
      { path: 'a.ts', what: 'x is exported twice' },
    ]);
  });
});
