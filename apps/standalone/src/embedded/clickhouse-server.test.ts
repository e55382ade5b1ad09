import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf } from './process-identity.ts';
import { StartedProgram } from './started-program.ts';

let directory: string;
let programs: StartedProgram[];

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'weir-engine-')), 'clickhouse');
  programs = [];
});

afterEach(async () => {
  await Promise.all(programs.map((program) => program.end('SIGKILL')));
  rmSync(join(directory, '..'), { recursive: true });
});

function start(...args: string[]): StartedProgram {
  const program = new StartedProgram('clickhouse-server.ts', ['--path', directory, '--supervised', ...args]);
  programs.push(program);
  return program;
}

async function ask(program: StartedProgram, body: string): Promise<string> {
  const { port } = await program.ready;
  return (await fetch(`http://127.0.0.1:${port}/?database=weir`, { method: 'POST', body })).text();
}

describe('clickhouse-server', () => {
  it('keeps its data over SIGTERM, over the end of its parent, and over SIGKILL in the midst of inserts', async () => {
    const first = start();
    await ask(first, 'CREATE TABLE t (x UInt32) ENGINE = MergeTree ORDER BY x');
    await ask(first, 'INSERT INTO t SELECT number FROM numbers(1000)');
    expect(await first.end('SIGTERM')).toMatchObject({ code: 0 });

    const second = start();
    expect(await ask(second, 'SELECT count() FROM t')).toBe('1000\n');
    expect(await second.orphan()).toMatchObject({ code: 0 });

    const third = start();
    let answered = 0;
    const inserting = (async () => {
      for (let i = 0; ; i++) {
        await ask(third, `INSERT INTO t FORMAT JSONEachRow\n{"x":${1000 + i}}`);
        answered = i + 1;
      }
    })();
    const broken = expect(inserting).rejects.toThrow('fetch failed');
    while (answered < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    await third.end('SIGKILL');
    await broken;

    const fourth = start();
    const count = Number(await ask(fourth, 'SELECT count() FROM t'));
    // The last insert may be in although its answer was lost; those that were answered are.
    expect(count - 1000 - answered).toBeGreaterThanOrEqual(0);
    expect(count - 1000 - answered).toBeLessThanOrEqual(1);
  }, 60_000);

  it('refuses a directory that another one uses, and takes one whose supervisor is gone', async () => {
    const first = start();
    await first.ready;
    const refused = await start().ended;
    expect(refused).toMatchObject({ code: 1, errors: expect.stringMatching(/^CLICKHOUSE_DIRECTORY_LOCKED: .*process \d+\. Stop/) as string });
    expect(await ask(first, 'SELECT 1')).toBe('1\n');

    // As if the supervisor had been killed: the note names one that is not there, and the engine is about to see it.
    const note = JSON.parse(readFileSync(join(directory, 'owner.json'), 'utf8')) as object;
    writeFileSync(join(directory, 'owner.json'), JSON.stringify({ ...note, supervisor: { pid: process.pid, started: 'long ago' } }));
    const successor = start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await first.orphan()).code).toBe(0);
    expect(await ask(successor, 'SELECT 1')).toBe('1\n');
  }, 60_000);

  it('says which port is in use', async () => {
    const first = start();
    const { port } = await first.ready;
    directory = join(directory, '..', 'another');
    expect(await start('--port', String(port)).ended).toMatchObject({ code: 1, errors: expect.stringMatching(/^CLICKHOUSE_PORT_IN_USE: .*Name another port/) as string });
    directory = join(directory, '..', 'clickhouse');
  }, 60_000);

  it('says what it could not open', async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'data'), 'not a directory');
    expect(await start().ended).toMatchObject({ code: 1, errors: expect.stringMatching(/CLICKHOUSE_START_FAILED: /) as string });
  }, 60_000);

  it('ends a query that was begun, and refuses those that wait, when it is stopped', async () => {
    const program = start();
    const { port } = await program.ready;
    const begun = fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'SELECT sleep(1.5), 7' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const waiting = fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'SELECT 8' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const ended = program.end('SIGTERM');
    expect(await (await begun).text()).toBe('0\t7\n');
    const refused = await waiting;
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('The server is stopping')]);
    expect((await ended).code).toBe(0);
  }, 60_000);
});

describe('the identity of a process', () => {
  it('is not that of a later one with the same number', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identityOf(child.pid!);
    expect(identity).toEqual({ pid: child.pid, started: expect.stringMatching(/./) as string });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(identityOf(child.pid!)).toBeUndefined();
  });
});
