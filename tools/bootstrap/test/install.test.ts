import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

interface Install {
  whyStale(root: string): string | undefined;
  installDependencies(root: string, reason: string): Promise<string | undefined>;
}
// Plain JavaScript, because it runs before anything is installed.
const { whyStale, installDependencies } = (await import(new URL('../install.mjs', import.meta.url).href)) as Install;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weir-install-'));
  write('package.json', { workspaces: ['libs/*'] });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

const lock = (version: string): unknown => ({ packages: { '': {}, 'node_modules/a': { version, integrity: version }, 'node_modules/b': { version: '1', optional: true } } });
const installed = (version: string): unknown => ({ packages: { 'node_modules/a': { version, integrity: version } } });

/** Stands in for npm: a program that does what `body` says. */
function fakeNpm(body: string): void {
  write('fake-npm.cjs', `const fs = require('node:fs');\n${body}`);
  vi.stubEnv('npm_execpath', join(root, 'fake-npm.cjs'));
  vi.stubEnv('npm_node_execpath', process.execPath);
}
const succeeding = `fs.mkdirSync('node_modules', { recursive: true }); fs.writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify(installed('2')))});`;

describe('whyStale', () => {
  it('sees missing, older, half-written and fresh packages', () => {
    write('package-lock.json', lock('2'));
    expect(whyStale(root)).toBe('node_modules is missing');
    write('node_modules/.package-lock.json', installed('1'));
    expect(whyStale(root)).toBe('node_modules is older than package-lock.json (a)');
    write('node_modules/.package-lock.json', '{"packages": {');
    expect(whyStale(root)).toBe('node_modules is missing');
    write('node_modules/.package-lock.json', installed('2'));
    expect(whyStale(root)).toBeUndefined();
  });
});

describe('installDependencies', () => {
  beforeEach(() => {
    write('package-lock.json', lock('2'));
    write('node_modules/.package-lock.json', installed('1'));
    write('libs/one/node_modules/kept.txt', 'kept');
  });

  it('replaces what was there, and leaves nothing behind', async () => {
    fakeNpm(succeeding);
    expect(await installDependencies(root, 'old')).toBeUndefined();
    expect(whyStale(root)).toBeUndefined();
    expect(readdirSync(root).sort()).toEqual(['fake-npm.cjs', 'libs', 'node_modules', 'package-lock.json', 'package.json']);
    expect(readdirSync(join(root, 'libs/one'))).toEqual([]);
  });

  it('puts everything back when the registry cannot be reached, and says so in one message', async () => {
    fakeNpm(`fs.mkdirSync('node_modules'); console.error('npm error code ENOTFOUND'); process.exitCode = 1;`);
    const message = await installDependencies(root, 'old');
    expect(message).toMatch(/^the package registry cannot be reached.*Nothing was changed\.$/);
    expect(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).toContain('"version":"1"');
    expect(readFileSync(join(root, 'libs/one/node_modules/kept.txt'), 'utf8')).toBe('kept');
    expect(existsSync(join(root, '.install.lock'))).toBe(false);
  });

  it('quotes npm where it does not know the cause', async () => {
    fakeNpm(`console.error('npm error strange'); process.exitCode = 3;`);
    expect(await installDependencies(root, 'old')).toMatch(/exit code 3\. Nothing was changed\. This is what it said:\nnpm error strange/);
  });

  it('takes over the lock of an install that died', async () => {
    write('.install.lock', '999999999');
    fakeNpm(succeeding);
    expect(await installDependencies(root, 'old')).toBeUndefined();
  });

  it('waits for an install that runs, and does not install twice', async () => {
    write('.install.lock', String(process.pid));
    fakeNpm('process.exit(9);');
    const done = installDependencies(root, 'old');
    write('node_modules/.package-lock.json', installed('2'));
    rmSync(join(root, '.install.lock'));
    expect(await done).toBeUndefined();
  });
});
