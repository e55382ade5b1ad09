import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { CONSOLE_DIRECTORY } from '../build.ts';
import type { Jobs, Row } from '../src/serving-api.ts';
import { jobsAnswer, rankingRows, revenueRows, sessionRows } from './fixture-data.ts';

/** As strict as the serving API's own policy. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

export interface FixtureServer {
  readonly url: string;
  /** Sends an event to everybody who has the stream of a view open. */
  send(view: string, event: string, data: unknown): void;
  close(): Promise<void>;
}

/** The built page over made-up answers of the serving API, on a free port. */
export async function fixtureServer(jobs: (now: number) => Jobs = jobsAnswer): Promise<FixtureServer> {
  const streams = new Map<string, Set<ServerResponse>>();
  const rows: Readonly<Record<string, () => readonly Row<unknown>[]>> = { 'revenue-by-country': revenueRows, 'best-sellers': rankingRows, 'shopping-sessions': sessionRows };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const view = /^\/v1\/views\/([a-z-]+)\/stream$/.exec(pathname)?.[1];
    response.setHeader('content-security-policy', POLICY);
    if (pathname === '/v1/jobs') answer(response, jobs(Date.now()));
    else if (view !== undefined) {
      streams.set(view, (streams.get(view) ?? new Set()).add(response));
      begin(response, rows[view]!());
    } else file(response, pathname === '/' ? '/index.html' : pathname);
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    send: (view, event, data) => {
      for (const response of streams.get(view) ?? []) response.write(frame(event, data));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function begin(response: ServerResponse, rows: readonly Row<unknown>[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(`${frame('reset', { rows: rows.length })}${rows.map((row) => frame('row', row)).join('')}${frame('ready', {})}`);
}

function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function answer(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function file(response: ServerResponse, path: string): void {
  try {
    const bytes = readFileSync(join(CONSOLE_DIRECTORY, path));
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
    response.end(bytes);
  } catch {
    response.writeHead(404);
    response.end();
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
