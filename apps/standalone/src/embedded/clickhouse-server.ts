import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClickHouseEngine } from './clickhouse-engine.ts';
import { ClickHouseHttp } from './clickhouse-http.ts';
import { holderOf, lockDirectory } from './directory-lock.ts';
import { InsertFiles } from './insert-file.ts';

/**
 * ClickHouse's engine in a process of its own, behind as much of its HTTP interface as the stock client uses, on 127.0.0.1.
 * Says `{"ready":true,"port":N}`, on the channel of its parent and on its output, when it can be asked.
 */
const { values: options } = parseArgs({ options: { path: { type: 'string' }, port: { type: 'string', default: '0' }, supervised: { type: 'boolean', default: false } } });
if (options.path === undefined || !/^\d{1,5}$/.test(options.port)) {
  console.error('Usage: clickhouse-server --path DIR [--port PORT] [--supervised]');
  process.exit(2);
}
const directory = options.path;

/** Answers in flight when the end is asked for have this long to reach their clients. */
const FAREWELL_MILLISECONDS = 1_000;

const lock = await lockDirectory(directory, { supervised: options.supervised });
if (lock === undefined) {
  fail('CLICKHOUSE_DIRECTORY_LOCKED', `The directory ${directory} is in use by process ${holderOf(directory) ?? 'unknown'}.`, 'Stop that one first, or name another directory.');
}
const engine = await ClickHouseEngine.open(directory).catch((error: unknown) =>
  fail('CLICKHOUSE_START_FAILED', `The engine does not open ${directory}: ${error instanceof Error ? error.message : String(error)}`, 'Check the disk and its free space; or set the directory aside and replay.'),
);

const http = new ClickHouseHttp(engine, new InsertFiles(join(directory, 'inserts')));
const server = createServer((request, response) => void http.handle(request, response));
// Longer than the stock client keeps an idle connection, so that it never sends into a closed one.
server.keepAliveTimeout = 10_000;
server.maxConnections = 256;
server.on('error', (error) => fail('CLICKHOUSE_PORT_IN_USE', `The embedded ClickHouse cannot listen on port ${options.port}: ${error.message}.`, 'Name another port.'));
server.listen(Number(options.port), '127.0.0.1', () => {
  const address = server.address();
  const ready = { ready: true, port: typeof address === 'object' && address !== null ? address.port : 0 };
  process.send?.(ready);
  console.log(JSON.stringify(ready));
});

let stopping = false;
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
if (options.supervised) {
  process.on('disconnect', () => void stop());
  if (!process.connected) void stop();
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await engine.close();
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), FAREWELL_MILLISECONDS);
  await closed;
  lock?.release();
  process.exit(0);
}

function fail(code: string, what: string, remedy: string): never {
  console.error(`${code}: ${what} ${remedy}`);
  process.exit(1);
}
