import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { holderOf, lockDirectory } from './directory-lock.ts';
import { endOrphan } from './orphan.ts';
import { PostgresCluster } from './postgres-cluster.ts';

/**
 * A Postgres server of its own binaries on a directory, on 127.0.0.1, with a password that only this directory knows. Says
 * `{ ready: true, url, port }` on the channel of its parent when it takes connections; ends when Postgres ends.
 */
const { values: options } = parseArgs({ options: { path: { type: 'string' }, port: { type: 'string', default: '0' }, supervised: { type: 'boolean', default: false } } });
if (options.path === undefined || !/^\d{1,5}$/.test(options.port)) {
  console.error('Usage: postgres-server --path DIR [--port PORT] [--supervised]');
  process.exit(2);
}
const directory = options.path;

/** A free port may be taken between the look and the start, and a killed server's children may take a moment to end. */
const TRIES = 3;

const lock = await lockDirectory(directory, { supervised: options.supervised });
if (lock === undefined) {
  fail('POSTGRES_DIRECTORY_LOCKED', `The directory ${directory} is in use by process ${holderOf(directory) ?? 'unknown'}.`, 'Stop that one first, or name another directory.');
}
const cluster = await PostgresCluster.at(directory).catch((error: unknown) => startFailed(error, ''));
if (!cluster.isOurVersion) {
  fail('POSTGRES_DIRECTORY_VERSION', `The directory ${directory} holds data of Postgres ${cluster.version}, and the embedded one is another.`, 'Run the Weir that made it, or name another directory.');
}

let stopping = false;
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
if (options.supervised) {
  process.on('disconnect', () => void stop());
  if (!process.connected) process.exit(0);
}

const port = await start(cluster).catch((error: unknown) => (stopping ? process.exit(0) : startFailed(error, cluster.logTail)));
void cluster.ended.then((code) => {
  if (!stopping) fail('POSTGRES_ENDED', `Postgres ended by itself with ${code}.\n${cluster.logTail}\n`, 'Start again; it recovers from its log.');
});
if (!stopping) {
  const ready = { ready: true, port };
  process.send?.({ ...ready, url: `postgres://weir:${cluster.password}@127.0.0.1:${port}/postgres` });
  console.log(JSON.stringify(ready));
}

async function start(server: PostgresCluster): Promise<number> {
  await endOrphan(server.directory);
  await freePort(Number(options.port));
  await server.initialise();
  for (let attempt = 1; ; attempt++) {
    const chosen = await freePort(Number(options.port));
    try {
      await server.start(chosen);
      return chosen;
    } catch (error) {
      if (attempt === TRIES || stopping) throw error;
    }
  }
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await cluster.stop();
  lock?.release();
  process.exit(0);
}

/** The port that was asked for if it is free, else any free one when 0 was asked for. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => fail('POSTGRES_PORT_IN_USE', `The embedded Postgres cannot listen on port ${wanted}: ${error.message}.`, 'Name another port.'));
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function startFailed(error: unknown, log: string): never {
  const what = error instanceof Error ? error.message : String(error);
  return fail('POSTGRES_START_FAILED', `The embedded Postgres did not start on ${directory}: ${what}.\n${log}\n`, 'See what it says above: free disk space, permissions and memory are what it needs.');
}

function fail(code: string, what: string, remedy: string): never {
  console.error(`${code}: ${what} ${remedy}`);
  process.exit(1);
}
