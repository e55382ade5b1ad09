import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDirectory } from './data-directory.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weir-data-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (directory: string, fresh = false): ReturnType<typeof openDataDirectory> => openDataDirectory(directory, { fresh });

describe('a data directory', () => {
  it('is made, marked, given back and opened again', () => {
    const path = join(root, 'deep', 'down');
    const data = open(path);
    expect(JSON.parse(readFileSync(join(path, 'version.json'), 'utf8'))).toEqual({ format: 'weir', version: 1 });
    data.release();
    open(path).release();
    expect(existsSync(join(path, 'weir.lock'))).toBe(false);
  });

  it('belongs to one process at a time', () => {
    const data = open(root);
    expect(() => open(root)).toThrow(/DATA_LOCKED: .*in use by process \d+/);
    data.release();
    open(root).release();
  });

  it('is free again when its owner was killed', async () => {
    const program = `import { openDataDirectory } from ${JSON.stringify(new URL('./data-directory.ts', import.meta.url).href)}; openDataDirectory(${JSON.stringify(root)}, { fresh: false }); console.log('open'); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => owner.stdout.once('data', resolve));
    expect(() => open(root)).toThrow('DATA_LOCKED');
    const ended = new Promise((resolve) => owner.once('close', resolve));
    owner.kill('SIGKILL');
    await ended;
    open(root).release();
  });

  it('with files of somebody else is refused, also when it is to be fresh, and stays as it is', () => {
    writeFileSync(join(root, 'thesis.txt'), 'years of work');
    expect(() => open(root)).toThrow('DATA_FOREIGN');
    expect(() => open(root, true)).toThrow('DATA_FOREIGN');
    expect(readFileSync(join(root, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('of a newer version, or with a damaged marker, is refused and stays as it is', () => {
    for (const [marker, code] of [['{"format":"weir","version":2}', 'DATA_VERSION_NEWER'], ['{"form', 'DATA_DAMAGED'], ['{}', 'DATA_DAMAGED']] as const) {
      writeFileSync(join(root, 'version.json'), marker);
      expect(() => open(root, true)).toThrow(code);
      expect(readFileSync(join(root, 'version.json'), 'utf8')).toBe(marker);
    }
  });

  it('that is to be fresh loses what Weir kept there', () => {
    open(root).release();
    mkdirSync(join(root, 'log'));
    writeFileSync(join(root, 'log', 'data.mdb'), 'x');
    open(root).release();
    expect(existsSync(join(root, 'log'))).toBe(true);
    open(root, true).release();
    expect(existsSync(join(root, 'log'))).toBe(false);
  });

  it('below a file cannot be', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => open(join(root, 'file', 'data'))).toThrow(/DATA_UNWRITABLE: .*a part of the path is a file/);
  });
});
