import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-docker-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the test with a `docker` of our own as the only program there is. */
function withDocker(script: string): { readonly status: number | null; readonly stderr: string } {
  const docker = join(folder, 'docker');
  writeFileSync(docker, `#!/bin/sh\n${script}\n`);
  chmodSync(docker, 0o755);
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
