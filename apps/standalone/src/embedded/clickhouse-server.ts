import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Session } from 'chdb';
import { QueryQueue } from './query-queue.ts';

/** The largest request that is taken: a bulk insert. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;
const EXCEPTION_CODE = /Code: (\d+)\./;
/** Error codes of ClickHouse that a client can do something about. */
const BAD_REQUEST = new Set(['36', '44', '46', '47', '53', '62', '72', '164']);
const NOT_FOUND = new Set(['60', '81']);

/**
 * ClickHouse's engine, embedded in this process, behind as much of its HTTP interface as the stock client uses: /ping, queries with
 * bound parameters, inserts in text formats. One engine for each directory; one query at a time.
 */
const { values: options } = parseArgs({ options: { path: { type: 'string' }, port: { type: 'string', default: '0' }, supervised: { type: 'boolean', default: false } } });
if (options.path === undefined) {
  console.error('Usage: clickhouse-server --path DIR [--port PORT] [--supervised]');
  process.exit(2);
}
const directory = options.path;
mkdirSync(directory, { recursive: true });
refuseSecondEngine(directory);

const session = new Session(join(directory, 'data'), {
  connectionArgs: ['--max_threads=2', '--mark_cache_size=33554432', '--uncompressed_cache_size=0', '--max_server_memory_usage=900000000', '--background_pool_size=2', '--log_queries=0'],
});
session.query('CREATE DATABASE IF NOT EXISTS weir');
session.query('USE weir');
const queue = new QueryQueue(session);

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    const code = EXCEPTION_CODE.exec(text)?.[1] ?? '1002';
    response.writeHead(NOT_FOUND.has(code) ? 404 : BAD_REQUEST.has(code) ? 400 : 500, { 'Content-Type': 'text/plain; charset=UTF-8', 'X-ClickHouse-Exception-Code': code });
    response.end(`${EXCEPTION_CODE.test(text) ? text.slice(text.search(EXCEPTION_CODE)) : `Code: ${code}. DB::Exception: ${text}`}\n`);
  });
});
server.listen(Number(options.port), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({ ready: true, port });
  console.log(JSON.stringify({ ready: true, port }));
});
server.on('error', (error) => {
  console.error(`CLICKHOUSE_PORT: The embedded ClickHouse cannot listen: ${error.message}. Name another port.`);
  process.exit(1);
});

process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
if (options.supervised) process.on('disconnect', () => void stop());

async function stop(): Promise<void> {
  server.close();
  server.closeAllConnections();
  await queue.idle();
  session.close();
  rmSync(join(directory, 'engine.pid'), { force: true });
  process.exit(0);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/ping') {
    response.end('Ok.\n');
    return;
  }
  const body = await readBody(request);
  const query = url.searchParams.get('query');
  const sql = query === null ? body.toString() : body.length === 0 ? query : `${query}\n${body.toString()}`;
  const parameters = [...url.searchParams].filter(([name]) => name.startsWith('param_'));
  const result = await queue.run(sql, parameters);
  response.writeHead(200, { 'Content-Type': 'application/json; charset=UTF-8', 'X-ClickHouse-Query-Id': url.searchParams.get('query_id') ?? '', 'X-ClickHouse-Summary': '{}' });
  response.end(result);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error(`Code: 307. DB::Exception: The request is longer than ${MAX_BODY_BYTES} bytes. (TOO_MANY_BYTES)`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Two engines on one directory would ruin it. */
function refuseSecondEngine(path: string): void {
  const file = join(path, 'engine.pid');
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && isThisProgram(pid)) {
      console.error(`CLICKHOUSE_DIRECTORY_LOCKED: The directory ${path} is in use by process ${pid}. Stop that one first, or name another directory.`);
      process.exit(1);
    }
  }
  writeFileSync(file, String(process.pid));
}

function isThisProgram(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('clickhouse-server');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return false;
    throw error;
  }
}
