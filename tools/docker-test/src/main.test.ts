import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-docker-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function putDocker(script: string): void {
  const docker = join(folder, 'docker');
  writeFileSync(docker, `#!/bin/sh\n${script}\n`);
  chmodSync(docker, 0o755);
}

/** Runs the test with a `docker` of our own as the only program there is. */
function withDocker(script: string): { readonly status: number | null; readonly stderr: string } {
  putDocker(script);
  return spawnSync(process.execPath, [MAIN], { encoding: 'utf8', env: { PATH: folder } });
}

describe('where the test cannot be run', () => {
  it('says so with a code, and ends with 2', () => {
    const { status, stderr } = withDocker('echo "Cannot connect to the Docker daemon" >&2; exit 1');
    expect(stderr).toMatch(/^DOCKER_UNREACHABLE: .*Cannot connect to the Docker daemon.*\n$/);
    expect(status).toBe(2);
  });

  it('names what is missing beside the engine', () => {
    const { status, stderr } = withDocker('case "$1" in version) echo 28.0.0 ;; *) exit 1 ;; esac');
    expect(stderr).toMatch(/^DOCKER_COMPOSE_MISSING: /);
    expect(status).toBe(2);
  });

  it('says without docker what is the matter', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN], { encoding: 'utf8', env: { PATH: '/nowhere' } });
    expect(stderr).toMatch(/^DOCKER_UNREACHABLE: /);
    expect(status).toBe(2);
  });
});

describe('what has been started', () => {
  /** An engine that has all images, on which the demo does not come up. */
  const engine = (calls: string, up: string): string => `echo "$*" >> ${calls}
case "$*" in
  version*) echo 28.0.0 ;;
  *" up "*) ${up} ;;
  "ps --all --quiet --filter label="*) echo container-1 ;;
  "network ls --quiet --filter label="*) echo network-1 ;;
  "volume ls --quiet --filter label="*) echo volume-1 ;;
  inspect*) echo '[{"Id":"container-1","Name":"/speed-1","Config":{"Labels":{"com.docker.compose.service":"speed"}},"State":{"Status":"running","ExitCode":0}}]' ;;
  logs*) echo "why it does not start" >&2 ;;
esac`;

  async function ended(up: string, interrupt?: NodeJS.Signals): Promise<{ readonly status: number | null; readonly stderr: string; readonly calls: readonly string[] }> {
    const calls = join(folder, `calls-${interrupt ?? 'none'}`);
    putDocker(engine(calls, up));
    const program = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: `${folder}${delimiter}/usr/bin${delimiter}/bin` } });
    let stderr = '';
    program.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const gone = once(program, 'close');
    if (interrupt !== undefined) {
      while (!existsSync(calls) || !readFileSync(calls, 'utf8').includes(' up ')) await sleep(20);
      program.kill(interrupt);
    }
    const [status] = (await gone) as [number | null];
    return { status, stderr, calls: readFileSync(calls, 'utf8').trim().split('\n') };
  }

  const sweeps = [
    expect.stringMatching(/ down --volumes --remove-orphans /) as string,
    'rm --force --volumes container-1',
    'network rm network-1',
    'volume rm --force volume-1',
    expect.stringMatching(/^image rm --force weir-test-/) as string,
  ];

  it('is removed when a step fails, after it has been said why', async () => {
    const { status, stderr, calls } = await ended('exit 1');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^DOCKER_FAILED: .*--- speed-1, running\nwhy it does not start\n$/s);
    expect(calls).toEqual(expect.arrayContaining(sweeps));
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is removed on %s, when what runs has been ended', async (signal) => {
    const { status, stderr, calls } = await ended('exec sleep 60', signal);
    expect(status).toBe(130);
    expect(stderr).toBe(`Interrupted by ${signal}; what was started is removed.\n`);
    expect(calls).toEqual(expect.arrayContaining(sweeps));
  });
});
