import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { interpolated, readComposeFile, repositoryRoot } from './compose-file.ts';

// The programs themselves are asked: their --help names each variable, and --print-config fails as a start would.

const run = promisify(execFile);
const programs = Object.entries(readComposeFile().services).filter(([, { command }]) => command?.[0]?.startsWith('apps/') === true);

async function ask(argv: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await run(process.execPath, argv, { cwd: repositoryRoot, env: { PATH: process.env['PATH'], ...environment }, timeout: 60_000 });
  return stdout;
}

describe.each(programs)('the settings of %s in the compose file', (name, { command = [], environment = {} }) => {
  it('are settings of the program, with values that it takes', async () => {
    const given = Object.fromEntries(Object.entries(environment).map(([variable, value]) => [variable, interpolated(value)]));
    const known = new Set([...(await ask([...command, '--help'], {})).matchAll(/\((WEIR_[A-Z_]+)\)/g)].map(([, variable]) => variable));
    const ours = Object.keys(given).filter((variable) => variable.startsWith('WEIR_'));
    expect(ours.filter((variable) => !known.has(variable)), name).toEqual([]);
    for (const variable of Object.keys(given)) expect(variable).toMatch(/^(WEIR_[A-Z_]+|NODE_OPTIONS)$/);
    const printed = await ask([...command, '--print-config'], given);
    expect(JSON.parse(printed)).toBeTypeOf('object');
    expect(printed).not.toContain(':weir@');
  });
});
