import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { blocksOf, faultOf, programsOf } from './blocks.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
].sort();
const blocks = pages.flatMap((path) => blocksOf(path, readFileSync(join(root, path), 'utf8')));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const scripts = new Set(Object.keys(manifest.scripts));

// Inside the repository, so that `@weir/...` is found as any user's file would find it.
const folder = mkdtempSync(join(root, 'tools', 'docs', '.blocks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programs = programsOf(blocks).map((program) => ({
  ...program,
  place: `${program.block.path}:${program.block.line}`,
  file: `${program.block.path.replace(/\W/g, '-')}-${program.block.line}.ts`,
}));
for (const { file, block } of programs) writeFileSync(join(folder, file), `${block.text}\nexport {};\n`);

describe('the blocks of the pages', () => {
  it('are there', () => {
    expect(programs.length).toBeGreaterThan(0);
    expect(pages).toContain('README.md');
  });

  it.each(blocks.map((block) => ({ place: `${block.path}:${block.line}`, block })))('$place is in order', ({ block }) => {
    expect(faultOf(block, scripts)).toBeUndefined();
  });

  // The compiler and each program are processes of their own, which a busy machine lets wait.
  it('compile', { timeout: 180_000 }, async () => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions: { noUnusedLocals: false }, include: ['*.ts'] }));
    const compiled = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch((error: unknown) => error as { stdout: string });
    expect(compiled.stdout).toBe('');
  });

  it.each(programs)('$place runs and prints what the page says', { timeout: 60_000 }, async ({ file, output }) => {
    const { stdout } = await run(process.execPath, [join(folder, file)]);
    if (output !== undefined) expect(stdout.trimEnd()).toBe(output);
  });
});
