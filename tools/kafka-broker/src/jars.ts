import { execFile } from 'node:child_process';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { WeirError } from '@weir/model';
import { cached } from './cache.ts';

const run = promisify(execFile);
const pom = resolve(import.meta.dirname, '../pom.xml');

/** Why no broker can be started on this machine's own Java; undefined when one can. */
export async function whyNoJvmBroker(): Promise<string | undefined> {
  for (const [program, flag] of [['java', '-version'], ['mvn', '-version']] as const) {
    try {
      await run(program, [flag]);
    } catch {
      return `there is no ${program}`;
    }
  }
  return undefined;
}

/** The directory with the broker's jars; fetched by Maven once. Throws BROKER_JARS. */
export function brokerJars(): Promise<string> {
  return cached([readFileSync(pom, 'utf8')], '', fetchJars);
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
