import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WeirError } from '@weir/model';

const run = promisify(execFile);
const pom = resolve(import.meta.dirname, '../pom.xml');
const cache = resolve(import.meta.dirname, '../../../node_modules/.cache/weir-kafka');

const WAIT_MILLISECONDS = 250;
/** A lock that is older was left by a process that is gone. */
const STALE_MILLISECONDS = 10 * 60_000;

/** Why no broker can be started on this machine; undefined when one can. */
export async function whyNoBroker(): Promise<string | undefined> {
  for (const [program, flag] of [['java', '-version'], ['mvn', '-version']] as const) {
    try {
      await run(program, [flag]);
    } catch {
      return `there is no ${program}, which a Kafka broker of the tests needs`;
    }
  }
  return undefined;
}

/**
 * The directory with the broker's jars; fetched by Maven once, into a cache beside the installed packages. Processes that ask at the
 * same time wait for the one that fetches. Throws BROKER_JARS.
 */
export async function brokerJars(): Promise<string> {
  const wanted = join(cache, createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16));
  while (!existsSync(wanted)) {
    if (!takeLock()) {
      await sleep(WAIT_MILLISECONDS);
      continue;
    }
    try {
      if (!existsSync(wanted)) await fetchJars(wanted);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return wanted;
}

const lock = join(cache, 'lock');

function takeLock(): boolean {
  mkdirSync(cache, { recursive: true });
  try {
    mkdirSync(lock);
    return true;
  } catch {
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > STALE_MILLISECONDS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

async function fetchJars(wanted: string): Promise<void> {
  const partial = `${wanted}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`, '-DincludeScope=runtime']);
  } catch (error) {
    throw new WeirError('BROKER_JARS', 'The jars of the Kafka broker could not be fetched.', { remedy: 'Give Maven a way to its central repository, or run where Docker is.', cause: error });
  }
  renameSync(partial, wanted);
}
