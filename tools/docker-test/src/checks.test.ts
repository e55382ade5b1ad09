import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHECKS } from './checks.ts';
import type { Container, Demo } from './demo.ts';

/** What the stand-in for the demo answers, and what it was asked to do. */
interface State {
  layers: ('batch' | 'speed')[];
  runs: { runId: string; state: string }[];
  verification: { verifiedAt: number; rowsCompared: number; causes: Record<string, number> } | null;
  epoch: number;
  records: number;
  page: string;
  readonly done: string[];
}

let state: State;
let server: Server;
let demo: Demo;
/** What the services do when they are asked to run once more, or are killed. */
let effects: Record<string, () => void>;

const container = (name: string): Container => ({ id: name, name, service: 'speed', status: 'running', exitCode: 0, health: 'healthy' });

function answerTo(path: string): unknown {
  if (path.startsWith('/v1/views/')) return { rows: state.layers.map((layer) => ({ label: { layer } })) };
  if (path === '/api/search?type=dash-db') return [{ uid: 'weir-layers' }];
  if (path.startsWith('/api/v1/query')) return { data: { result: [{}] } };
  const books = { records: state.records };
  return { jobs: [{ pipeline: 'p', layer: 'speed', state: 'running', epoch: state.epoch, books, updatedAt: 1 }], runs: state.runs, verification: state.verification };
}

beforeEach(async () => {
  state = { layers: ['batch', 'speed'], runs: [{ runId: 'first', state: 'published' }], verification: null, epoch: 1, records: 10, page: '<div id="root"></div>', done: [] };
  effects = {
    reprocessor: () => state.runs.push({ runId: 'second', state: 'published' }),
    verify: () => (state.verification = { verifiedAt: (state.verification?.verifiedAt ?? 0) + 1, rowsCompared: 5, causes: { UNKNOWN: 0 } }),
    'speed-2': () => Object.assign(state, { epoch: 2, records: 20 }),
  };
  server = createServer((request, response) => void response.end(request.url === '/' ? state.page : JSON.stringify(answerTo(request.url ?? ''))));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  demo = {
    leftOut: [],
    url: () => url,
    // Looks once: what the stand-in says does not change by itself.
    until: async (what: string, _: number, complaint: () => Promise<string | undefined>) => {
      const found = await complaint();
      if (found !== undefined) throw new Error(`${what}: ${found}`);
    },
    again: async (service: string) => {
      state.done.push(service);
      effects[service]!();
      return '';
    },
    containers: async () => [container('speed-1'), container('speed-2')],
    logs: async (name: string) => (name === 'speed-2' ? '{"msg":"running"}' : '{"msg":"waiting as a replica"}'),
    kill: async ({ name }: Container) => {
      state.done.push(`kill ${name}`);
      effects[name]!();
    },
  } as unknown as Demo;
});

afterEach(() => new Promise((closed) => server.close(closed)));

const look = (name: string): Promise<string> => CHECKS.find(([known]) => known === name)![1](demo);

describe('the checks of the demo', () => {
  it('all pass where all is well, and kill the replica that works', async () => {
    for (const [, check] of CHECKS) await check(demo);
    expect(state.done).toEqual(['reprocessor', 'verify', 'kill speed-2', 'verify']);
  });

  it('see that a layer writes nothing', async () => {
    state.layers = ['speed'];
    await expect(look('numbers appear')).rejects.toThrow('0 of the batch layer');
  });

  it('see that the console has no page, or no rows', async () => {
    state.layers = [];
    await expect(look('the console shows them')).rejects.toThrow('the console passes no rows on');
    state.page = 'nothing';
    await expect(look('the console shows them')).rejects.toThrow('console answers 200, without the page');
  });

  it('see that a replay published nothing', async () => {
    effects['reprocessor'] = () => state.runs.push({ runId: 'second', state: 'failed' });
    await expect(look('a replay is published')).rejects.toThrow('a run that was not there');
  });

  it('see an unexplained difference, an empty comparison, and one of before', async () => {
    effects['verify'] = () => (state.verification = { verifiedAt: 1, rowsCompared: 5, causes: { UNKNOWN: 1 } });
    await expect(look('both layers agree')).rejects.toMatchObject({ code: 'DEMO_CHECK' });
    effects['verify'] = () => (state.verification = { verifiedAt: 2, rowsCompared: 0, causes: {} });
    await expect(look('both layers agree')).rejects.toMatchObject({ code: 'DEMO_CHECK' });
    effects['verify'] = () => undefined;
    await expect(look('both layers agree')).rejects.toThrow('the outcome in the catalog');
  });

  it('see that nobody takes over, or that the successor stands still', async () => {
    effects['speed-2'] = () => undefined;
    await expect(look('a replica takes over')).rejects.toThrow('p has not been taken over');
    effects['speed-2'] = () => (state.epoch = 2);
    await expect(look('a replica takes over')).rejects.toThrow('p has not been taken over');
  });

  it('say what was not covered', async () => {
    Object.assign(demo, { leftOut: ['prometheus', 'grafana'] });
    expect(await look('metrics are scraped, and drawn')).toBe('not covered: no image of prometheus and grafana');
  });
});
