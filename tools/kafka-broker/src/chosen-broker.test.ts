import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeEngine } from './fixtures/fake-engine.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const ASK = `import('${join(import.meta.dirname, 'index.ts')}').then(({ whyNoBroker }) => whyNoBroker()).then((why) => console.log(why ?? 'there is one'), ({ message }) => console.log(message)).then(() => process.exit());`;
/** Java and Maven, as far as it is looked whether they are there. */
let java: string;

beforeAll(() => {
  java = mkdtempSync(join(tmpdir(), 'weir-java-'));
  for (const program of ['java', 'mvn']) {
    writeFileSync(join(java, program), '#!/bin/sh\n');
    chmodSync(join(java, program), 0o755);
  }
  mkdirSync(join(java, 'home'));
});
afterAll(() => rmSync(java, { recursive: true, force: true }));

/** What a process says that asks for a broker on a machine with these. */
async function answer({ way = '', engine = 'unix:///nowhere.sock', image = '', hasJava = true }): Promise<{ readonly said: string; readonly warned: string }> {
  const environment = { PATH: hasJava ? `${java}${delimiter}/bin` : '/nowhere', HOME: join(java, 'home'), DOCKER_HOST: engine, WEIR_TEST_BROKER: way, WEIR_KAFKA_IMAGE: image };
  const { stdout, stderr } = await run(process.execPath, ['--no-warnings', '--eval', ASK], { env: environment });
  return { said: stdout.trim(), warned: stderr.trim() };
}

describe('the way of starting a broker', () => {
  it('is Java with Maven where no engine answers; without them there is none, and why', async () => {
    expect(await answer({})).toEqual({ said: 'there is one', warned: '' });
    expect((await answer({ hasJava: false })).said).toBe('no Docker engine answers, and there is no java');
  });

  it('is the one that is asked for, or BROKER_WAY', async () => {
    expect((await answer({ way: 'jvm' })).said).toBe('there is one');
    expect((await answer({ way: 'jvm', hasJava: false })).said).toMatch(/^BROKER_WAY: WEIR_TEST_BROKER asks for the JVM: there is no java\. /);
    expect((await answer({ way: 'container' })).said).toMatch(/^BROKER_WAY: WEIR_TEST_BROKER asks for a container: no Docker engine answers\. /);
    expect((await answer({ way: 'dockre' })).said).toMatch(/^BROKER_WAY: WEIR_TEST_BROKER is 'dockre'; it must be container or jvm\. /);
  });

  it('is Java where the engine cannot get the image, which is tried and said once', async () => {
    const refusal = `no registry of process ${process.pid}`;
    const image = `registry.invalid/kafka:${process.pid}`;
    const engine = await startFakeEngine(refusal);
    try {
      const [first, second] = await Promise.all([answer({ engine: engine.host, image }), answer({ engine: engine.host, image })]);
      expect([first.said, second.said]).toEqual(['there is one', 'there is one']);
      expect([first.warned, second.warned].filter((warned) => warned !== '')).toEqual([expect.stringMatching(new RegExp(`^The image ${image} cannot be had \\(.*${refusal}.*\\); Kafka tests do without Docker\\.$`))]);
      expect(engine.asked.filter((request) => request.startsWith('POST /images/create'))).toHaveLength(1);
      expect((await answer({ engine: engine.host, image, hasJava: false })).said).toMatch(new RegExp(`^the image ${image} cannot be had .*, and there is no java$`));
      expect((await answer({ engine: engine.host, image, way: 'container' })).said).toMatch(/^BROKER_WAY: WEIR_TEST_BROKER asks for a container: the image /);
    } finally {
      await engine.stop();
      const cache = join(root, 'node_modules/.cache/weir-kafka');
      for (const file of readdirSync(cache)) if (file.endsWith('.image') && readFileSync(join(cache, file), 'utf8').includes(refusal)) rmSync(join(cache, file));
    }
  });

  it('has the Kafka of the demo in both', () => {
    const [, jars] = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([\d.]+)</.exec(readFileSync(join(root, 'tools/kafka-broker/pom.xml'), 'utf8'))!;
    const [, image] = /\$\{WEIR_KAFKA_IMAGE:-(\S+)\}/.exec(readFileSync(join(root, 'infra/compose.yaml'), 'utf8'))!;
    expect(image).toBe(`apache/kafka:${jars}`);
    expect(readFileSync(join(import.meta.dirname, 'image.ts'), 'utf8')).toContain(`'${image}'`);
  });
});
