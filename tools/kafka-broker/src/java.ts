import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cached } from './cache.ts';
import { brokerJars } from './jars.ts';
import { accepts, freePorts } from './ports.ts';
import { listenerNames, propertiesText, serverProperties } from './server-properties.ts';

const run = promisify(execFile);
const log4j = resolve(import.meta.dirname, '../log4j2.properties');
const TRIAL_MILLISECONDS = 120_000;
const POLL_MILLISECONDS = 50;

export const CLUSTER = 'd2Vpci10ZXN0LWNsdXN0ZX';
/** Where a broker on this machine's own Java listens. */
export const HOST = '127.0.0.1';

let flags: Promise<readonly string[]> | undefined;

/**
 * What stands in front of the name of a class of Kafka in a call of `java`: the class path, and an archive of loaded classes (JEP 350),
 * with which a broker starts in half of the time. The archive is made once, by a broker that is started for it.
 */
export function javaFlags(): Promise<readonly string[]> {
  return (flags ??= makeFlags());
}

async function makeFlags(): Promise<readonly string[]> {
  const jars = await brokerJars();
  const plain = ['-XX:TieredStopAtLevel=1', `-Dlog4j2.configurationFile=${log4j}`, '-cp', `${jars}/*`];
  const { stderr: version } = await run('java', ['-version']);
  const archive = await cached([jars, version], '.jsa', (path) => makeArchive(path, plain));
  // Where the archive does not fit, Java says so on standard output and goes on without.
  return ['-Xlog:disable', `-XX:SharedArchiveFile=${archive}`, ...plain];
}

/** Where it cannot be made, an empty file stands in its place, and Java passes it over. */
async function makeArchive(path: string, plain: readonly string[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-kafka-'));
  const made = join(directory, 'classes.jsa');
  try {
    const ports = await freePorts(listenerNames({}));
    const properties = join(directory, 'server.properties');
    writeFileSync(properties, propertiesText(serverProperties({ ports, binds: HOST, host: HOST, data: join(directory, 'data') }, {})));
    await run('java', [...plain, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', properties]);
    const child = spawn('java', ['-Xlog:disable', '-XX:+UseSerialGC', `-XX:ArchiveClassesAtExit=${made}`, ...plain, 'kafka.Kafka', properties], { stdio: 'ignore' });
    const gone = once(child, 'exit');
    const deadline = setTimeout(() => child.kill('SIGKILL'), TRIAL_MILLISECONDS);
    while (child.exitCode === null && child.signalCode === null && !(await accepts(ports.get('PLAINTEXT')!))) await sleep(POLL_MILLISECONDS);
    // It writes the archive when it ends by itself.
    child.kill('SIGTERM');
    await gone;
    clearTimeout(deadline);
    // Copied first, as the two may lie on different disks.
    const partial = `${path}.partial`;
    if (existsSync(made)) copyFileSync(made, partial);
    else writeFileSync(partial, '');
    renameSync(partial, path);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
