import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureConsoleBuilt } from '../build.ts';
import { consoleServer } from '../server/console-server.ts';

const MAIN = join(import.meta.dirname, '../server/main.ts');
let folder: string;
let serving: Server;
let origin: string;
let url: string;
let app: Awaited<ReturnType<typeof consoleServer>>;
/** What the stand-in for serving does with what it is asked. */
let answer: (asked: IncomingMessage, response: ServerResponse) => void;
const seen: IncomingMessage[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Weir</title>');
  writeFileSync(join(folder, 'assets/page-1a2b.js'), 'export {};');
  serving = createServer((asked, response) => {
    seen.push(asked);
    answer(asked, response);
  });
  await new Promise<void>((listening) => serving.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(serving.address() as AddressInfo).port}`;
  app = await consoleServer({ folder, serving: new URL(origin) });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  serving.closeAllConnections();
  await new Promise((closed) => serving.close(closed));
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen.length = 0;
  answer = (_, response) => response.end('{}');
});

describe('the console', () => {
  it('serves the page within its policy, and its files for ever', async () => {
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html><title>Weir</title>']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const script = await fetch(`${url}/assets/page-1a2b.js`);
    expect([script.headers.get('cache-control'), script.headers.get('x-content-type-options')]).toEqual(['public, max-age=31536000, immutable', 'nosniff']);
    expect(seen).toEqual([]);
  });

  it('passes on what the page asks, and what serving answers, with its headers and without those of the connection', async () => {
    answer = (_, response) => response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '1', 'content-security-policy': 'of serving', connection: 'close, x-hop', 'x-hop': '1' }).end('{"status":429}');
    const passed = await fetch(`${url}/v1/views/a?limit=3&order=newest`, { headers: { 'if-none-match': '"1"' } });
    expect([passed.status, await passed.text()]).toEqual([429, '{"status":429}']);
    expect(['retry-after', 'content-security-policy', 'x-hop'].map((name) => passed.headers.get(name))).toEqual(['1', 'of serving', null]);
    expect(seen.map(({ method, url: path }) => [method, path])).toEqual([['GET', '/v1/views/a?limit=3&order=newest']]);
    expect([seen[0]!.headers['if-none-match'], seen[0]!.headers.host]).toEqual(['"1"', new URL(origin).host]);
    for (const path of ['/docs', '/docs/static/index.css', '/health/ready']) await fetch(`${url}${path}`, { method: 'HEAD' });
    expect(seen.slice(1).map(({ method, url: path }) => [method, path])).toEqual([['HEAD', '/docs'], ['HEAD', '/docs/static/index.css'], ['HEAD', '/health/ready']]);
  });

  it('passes a stream on as it comes, and ends it when its reader is gone', async () => {
    let stream!: ServerResponse;
    const opened = new Promise<void>((open) => {
      answer = (_, response) => {
        stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
        stream.flushHeaders();
        open();
      };
    });
    const reader = new AbortController();
    const passed = await fetch(`${url}/v1/views/a/stream`, { signal: reader.signal });
    await opened;
    const pieces = passed.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      stream.write(event);
      expect((await pieces.read()).value).toBe(event);
    }
    const gone = once(stream, 'close');
    reader.abort();
    await gone;
  });

  it('breaks off what serving breaks off', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.destroy(), 20);
    };
    await expect(fetch(`${url}/v1/jobs`).then((passed) => passed.text())).rejects.toThrow();
  });

  it('says when serving gives no answer', async () => {
    answer = (_, response) => response.destroy();
    const refused = await fetch(`${url}/v1/jobs`);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([502, 'application/problem+json']);
    expect(await refused.json()).toMatchObject({ code: 'CONSOLE_SERVING_UNREACHABLE', status: 502 });
    expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'live' });
  });

  it('lets nobody choose whom it asks, reach other paths, or write', async () => {
    const { hostname, port } = new URL(url);
    const statusOf = (path: string, method = 'GET'): Promise<number> =>
      new Promise((done, failed) => void request({ hostname, port, path, method }, (answered) => done(answered.resume().statusCode!)).once('error', failed).end());
    expect(await statusOf('http://elsewhere.invalid/v1/jobs')).toBe(404);
    expect(await statusOf('/metrics')).toBe(404);
    for (const path of ['//elsewhere.invalid/v1/jobs', '/../package.json', '/%2e%2e/package.json']) expect(await statusOf(path), path).toBeOneOf([403, 404]);
    for (const path of ['/v1/../metrics', '/v1/%2e%2e/metrics', '/docs/./../metrics']) expect(await statusOf(path), path).toBe(404);
    expect(await statusOf('/v1/jobs', 'POST')).toBe(404);
    expect(seen).toEqual([]);
  });

  it('says when the page has not been built', async () => {
    await expect(consoleServer({ folder: join(folder, 'assets'), serving: new URL(origin) })).rejects.toMatchObject({ code: 'CONSOLE_NOT_BUILT' });
  });
});

describe('the console as a program', () => {
  beforeAll(() => ensureConsoleBuilt(), 60_000);

  const start = async (...args: readonly string[]) => {
    const program = fork(MAIN, ['--serving', origin, '--log-level', 'silent', ...args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const [told] = (await Promise.race([once(program, 'message'), once(program, 'exit')])) as [{ readonly port: number }];
    return { program, port: told.port };
  };

  it('starts alone, and ends on SIGTERM though a stream is open', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const { program, port } = await start('--port', '0');
    const gone = once(program, 'exit');
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('<div id="root">');
    const stream = await fetch(`http://127.0.0.1:${port}/v1/views/a/stream`);
    program.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
    await expect(stream.text()).rejects.toThrow();
  });

  it('says where it cannot listen, what it is told, and what it is not', async () => {
    const { port } = serving.address() as AddressInfo;
    const run = promisify(execFile);
    await expect(run(process.execPath, [MAIN, '--serving', origin, '--port', String(port)])).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^CONSOLE_PORT_IN_USE: /) as string });
    await expect(run(process.execPath, [MAIN])).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^SETTING_MISSING: /) as string });
    const { stdout } = await run(process.execPath, [MAIN, '--serving', 'https://weir:hidden@serving.example/base', '--print-config']);
    expect(JSON.parse(stdout)).toMatchObject({ port: 8081, host: '127.0.0.1' });
    expect(stdout).not.toContain('hidden');
  });
});
