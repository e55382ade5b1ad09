import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeEngine } from './fixtures/fake-engine.ts';
import type { FakeEngine } from './fixtures/fake-engine.ts';

let engine: FakeEngine;

beforeAll(async () => {
  engine = await startFakeEngine('');
});
afterAll(() => engine.stop());

/** A process that keeps a container, and what it does then. */
const starter = (name: string, then: string) =>
  spawn(process.execPath, ['--no-warnings', '--eval', `import('${join(import.meta.dirname, 'container-keeper.ts')}').then(async ({ keep }) => { const keeper = keep('${name}'); console.log('kept'); ${then} });`], {
    env: { ...process.env, DOCKER_HOST: engine.host },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const removed = (name: string): readonly string[] => engine.asked.filter((request) => request.startsWith(`DELETE /containers/${name}?`));

async function untilRemoved(name: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; removed(name).length === 0 && Date.now() < deadline; ) await sleep(50);
}

describe('a container', () => {
  it('is removed with its volumes by who started it', async () => {
    const child = starter('released', 'await keeper.release();');
    await once(child, 'exit');
    expect(removed('released')).toEqual(['DELETE /containers/released?force=true&v=true']);
  });

  it.each(['SIGKILL', 'SIGINT'] as const)('is removed when who started it is ended by %s', async (signal) => {
    const child = starter(signal, 'setInterval(() => undefined, 1_000);');
    await once(child.stdout, 'data');
    child.kill(signal);
    await once(child, 'exit');
    await untilRemoved(signal);
    expect(removed(signal)[0]).toContain('force=true&v=true');
  });
});
