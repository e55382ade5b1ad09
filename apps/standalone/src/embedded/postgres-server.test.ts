import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endOrphan } from './orphan.ts';
import { hasEnded, identityOf, isAlive } from './process-identity.ts';
import { StartedProgram } from './started-program.ts';

let root: string;
let directory: string;
const programs: StartedProgram[] = [];

beforeAll(() => {
  // Root's alone, as mkdtemp makes it: Postgres, which does not run as root, has to be able to use what is below.
  root = mkdtempSync(join(tmpdir(), 'weir-pg-'));
  directory = join(root, 'postgres');
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.end('SIGTERM');
});

afterAll(() => rmSync(root, { recursive: true }));

function start(path: string, ...args: string[]): StartedProgram {
  const program = new StartedProgram('postgres-server.ts', ['--path', path, '--supervised', ...args]);
  programs.push(program);
  return program;
}

function postmaster(path: string): number {
  return Number(readFileSync(join(path, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

describe('postgres-server', () => {
  it('makes its directory once, with a password that its owner alone can read', async () => {
    const first = start(directory);
    const { url, port } = await first.ready;
    expect(url).toMatch(new RegExp(`^postgres://weir:[0-9a-f]{48}@127\\.0\\.0\\.1:${port}/postgres$`));
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
    const refused = await start(directory).ended;
    expect(refused).toMatchObject({ code: 1, errors: expect.stringMatching(/POSTGRES_DIRECTORY_LOCKED: /) as string });
    expect((await first.end('SIGTERM')).code).toBe(0);
    expect(existsSync(join(directory, 'cluster', 'postmaster.pid'))).toBe(false);

    const second = start(directory);
    expect(new URL((await second.ready).url!).password).toBe(new URL(url!).password);
    expect((await second.orphan()).code).toBe(0);
  }, 60_000);

  it('takes over from one that was killed, and whose Postgres lives on', async () => {
    const first = start(directory);
    await first.ready;
    const server = identityOf(postmaster(directory))!;
    await first.end('SIGKILL');
    expect(isAlive(server)).toBe(true);
    await start(directory).ready;
    expect(isAlive(server)).toBe(false);
  }, 60_000);

  it('recovers from the death of the whole of it', async () => {
    const first = start(directory);
    await first.ready;
    const server = identityOf(postmaster(directory))!;
    process.kill(server.pid, 'SIGKILL');
    expect(await first.ended).toMatchObject({ code: 1, errors: expect.stringMatching(/POSTGRES_ENDED: /) as string });
    await hasEnded(server, 5_000);
    await start(directory).ready;
  }, 60_000);

  it('leaves the server of another directory alone, though a copied file names it', async () => {
    const original = start(directory);
    await original.ready;
    const copy = join(root, 'copy');
    mkdirSync(copy);
    cpSync(join(directory, 'cluster', 'postmaster.pid'), join(copy, 'postmaster.pid'));
    expect(await endOrphan(copy)).toBe(false);
    // Nor a process that has the number now, and is no Postgres.
    writeFileSync(join(copy, 'postmaster.pid'), `${process.pid}\n${copy}\n`);
    expect(await endOrphan(copy)).toBe(false);
    expect(isAlive(identityOf(postmaster(directory))!)).toBe(true);
  }, 60_000);

  it('begins again when a start was killed before its directory was complete', async () => {
    const half = join(root, 'half');
    mkdirSync(join(half, 'cluster.1.new', 'base'), { recursive: true });
    writeFileSync(join(half, 'cluster.1.new', 'PG_VERSION'), '18\n');
    const program = start(half);
    await program.ready;
    expect(existsSync(join(half, 'cluster.1.new'))).toBe(false);
  }, 60_000);

  it('says which port is in use, and which version a directory is of', async () => {
    const first = start(directory);
    const { port } = await first.ready;
    const other = join(root, 'other');
    expect(await start(other, '--port', String(port)).ended).toMatchObject({ code: 1, errors: expect.stringMatching(/POSTGRES_PORT_IN_USE: /) as string });
    mkdirSync(join(other, 'cluster'), { recursive: true });
    writeFileSync(join(other, 'cluster', 'PG_VERSION'), '17\n');
    expect(await start(other).ended).toMatchObject({ code: 1, errors: expect.stringMatching(/^POSTGRES_DIRECTORY_VERSION: .*Postgres 17/) as string });
  }, 60_000);

  it('says what the server said when it does not start', async () => {
    const damaged = join(root, 'damaged');
    mkdirSync(join(damaged, 'cluster'), { recursive: true });
    writeFileSync(join(damaged, 'cluster', 'PG_VERSION'), '18\n');
    const { code, errors } = await start(damaged).ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/POSTGRES_START_FAILED: .*\n.*cluster/);
  }, 60_000);
});
