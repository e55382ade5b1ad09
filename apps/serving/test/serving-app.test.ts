import { WeirError, hours } from '@weir/model';
import { referenceViews } from '@weir/views';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryCatalog, MemoryViewStore } from './memory-views.ts';
import { listen } from '../src/listen.ts';
import { servingApp } from '../src/serving-app.ts';
import type { ServingApp } from '../src/serving-app.ts';

const HOUR = hours(1);
const VIEW = '/v1/views/revenue-by-country';

let store: MemoryViewStore;
let catalog: MemoryCatalog;
let app: ServingApp;

beforeEach(async () => {
  store = new MemoryViewStore();
  catalog = new MemoryCatalog();
  const hour = (n: number, cents: number, isLast: boolean, run?: string) => ({ key: 'France', start: n * HOUR, end: (n + 1) * HOUR, isLast, data: { country: 'France', hour: n * HOUR, cents, units: 1, orders: 1 }, ...(run === undefined ? {} : { run }) });
  store.batch.set('revenue-by-country', [hour(0, 10, true, 'run-1'), hour(1, 11, true, 'run-1'), hour(0, 99, true, 'other')]);
  store.speed.set('revenue-by-country', [hour(0, 1, true), hour(1, 2, true), hour(2, 3, true), hour(3, 4, false), hour(4, 5, false)]);
  catalog.owned.set('revenue-by-country', { view: 'revenue-by-country', runId: 'run-1', frontier: 2 * HOUR, version: 1 });
  catalog.jobList = [
    {
      pipeline: 'revenue-by-country',
      layer: 'speed',
      state: 'running',
      epoch: 1,
      codeVersion: 'test',
      watermark: 5 * HOUR,
      partitions: [{ partition: 0, position: 40, highWatermark: 50, watermark: 5 * HOUR }],
      books: { records: 10, counted: 7, late: 1, filtered: 1, deadLettered: 1 },
      flushed: [40],
      cpuSeconds: 1,
      updatedAt: 0,
    },
  ];
  app = await servingApp({ views: referenceViews, store, catalog, version: '0.0.0' });
});

afterEach(() => app.close());

async function get(url: string): Promise<{ status: number; type: string; body: Record<string, unknown> }> {
  const answer = await app.inject(url);
  return { status: answer.statusCode, type: String(answer.headers['content-type']), body: answer.json() };
}

function cents(body: Record<string, unknown>): unknown[] {
  return (body['rows'] as { data: { cents: number } }[]).map((row) => row.data.cents);
}

describe('GET /v1/views', () => {
  it('names each view with its fields and who owns it', async () => {
    const { body } = await get('/v1/views');
    const views = body['views'] as { name: string; ownership: unknown; schema: { properties: object }; fields: unknown[] }[];
    expect(views.map(({ name }) => name)).toEqual(['revenue-by-country', 'best-sellers', 'shopping-sessions']);
    expect(views[0]!.ownership).toEqual({ view: 'revenue-by-country', runId: 'run-1', frontier: 2 * HOUR, version: 1 });
    expect(Object.keys(views[0]!.schema.properties)).toEqual(['country', 'hour', 'cents', 'units', 'orders']);
    expect(views[1]!.ownership).toBeNull();
  });
});

describe('GET /v1/views/{view}', () => {
  it('merges at the frontier and labels every row', async () => {
    const { body } = await get(VIEW);
    expect(cents(body)).toEqual([10, 11, 3, 4, 5]);
    const labels = (body['rows'] as { label: Record<string, unknown> }[]).map(({ label }) => [label['layer'], label['completeness'], label['run']]);
    expect(labels).toEqual([
      ['batch', 'complete', 'run-1'],
      ['batch', 'complete', 'run-1'],
      ['speed', 'complete', null],
      ['speed', 'complete', null],
      ['speed', 'provisional', null],
    ]);
    expect((body['rows'] as unknown[])[0]).toEqual({
      key: 'France',
      window: { start: 0, end: HOUR },
      data: { country: 'France', hour: 0, cents: 10, units: 1, orders: 1 },
      label: { layer: 'batch', paneTiming: 'on-time', completeness: 'complete', watermark: 0, frontier: 2 * HOUR, run: 'run-1', codeVersion: 'test' },
    });
  });

  it('tells the store from when on the watermark makes rows complete', async () => {
    await get(VIEW);
    expect(store.asked[0]!.settledUpTo).toBe(4 * HOUR);
    await get('/v1/views/best-sellers');
    expect(store.asked[1]!.settledUpTo).toBeUndefined();
  });

  it('leaves out what may change when final rows are asked for', async () => {
    expect(cents((await get(`${VIEW}?finality=final`)).body)).toEqual([10, 11, 3, 4]);
  });

  it('cuts by window start, inclusive to exclusive, and by key', async () => {
    expect(cents((await get(`${VIEW}?from=${HOUR}&to=${3 * HOUR}`)).body)).toEqual([11, 3]);
    expect(cents((await get(`${VIEW}?key=Spain`)).body)).toEqual([]);
  });

  it.each(['oldest', 'newest'])('gives the same rows in pages, %s first, and ends', async (order) => {
    const all = cents((await get(`${VIEW}?order=${order}`)).body);
    const paged: unknown[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null; page++) {
      expect(page).toBeLessThan(4);
      const { body } = await get(`${VIEW}?order=${order}&limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      paged.push(...cents(body));
      cursor = body['nextCursor'] as string | null;
    }
    expect(paged).toEqual(all);
    expect(all).toHaveLength(5);
  });

  it('has no next page after exactly as many rows as asked for', async () => {
    expect((await get(`${VIEW}?limit=5`)).body['nextCursor']).toBeNull();
  });
});

describe('errors', () => {
  it.each([
    ['limit=abc', 'limit', 'SERVING_BAD_PARAMETER'],
    ['limit=0', 'limit', 'SERVING_BAD_PARAMETER'],
    ['limit=2001', 'limit', 'SERVING_BAD_PARAMETER'],
    ['limit=1&limit=2', 'limit', 'SERVING_BAD_PARAMETER'],
    ['from=yesterday', 'from', 'SERVING_BAD_PARAMETER'],
    ['from=1.5', 'from', 'SERVING_BAD_PARAMETER'],
    ['to=9e99', 'to', 'SERVING_BAD_PARAMETER'],
    ['from=2&to=1', 'to', 'SERVING_BAD_PARAMETER'],
    ['finality=maybe', 'finality', 'SERVING_BAD_PARAMETER'],
    ['order=up', 'order', 'SERVING_BAD_PARAMETER'],
    ['cursor=zz', 'cursor', 'VIEW_CURSOR'],
    ['form=1', 'form', 'SERVING_UNKNOWN_PARAMETER'],
  ])('name the parameter of ?%s', async (query, parameter, code) => {
    const { status, type, body } = await get(`${VIEW}?${query}`);
    expect([status, type]).toEqual([400, 'application/problem+json']);
    expect(body).toMatchObject({ status: 400, code, parameter, type: `urn:weir:error:${code}`, title: 'Bad request' });
    expect(store.asked).toHaveLength(0);
  });

  it('name the views when one is unknown', async () => {
    const { status, body } = await get('/v1/views/revenue');
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'SERVING_VIEW_UNKNOWN', detail: expect.stringContaining('revenue-by-country, best-sellers, shopping-sessions') as unknown });
  });

  it('refuse paths that are not there and methods that are not possible', async () => {
    expect(await get('/v2')).toMatchObject({ status: 404, body: { code: 'SERVING_NOT_FOUND' } });
    const answer = await app.inject({ method: 'DELETE', url: '/v1/jobs' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expect(answer.json()).toMatchObject({ code: 'SERVING_METHOD_NOT_ALLOWED' });
    expect(await get('/%zz')).toMatchObject({ status: 400, type: 'application/problem+json' });
  });

  it('say 503 when asking again may help, and keep what went wrong to themselves', async () => {
    store.failure = new WeirError('CLICKHOUSE_UNREACHABLE', 'ClickHouse at http://secret:1 does not answer.', { remedy: 'x', retryable: true });
    const busy = await app.inject(VIEW);
    expect(busy.statusCode).toBe(503);
    expect(busy.headers['retry-after']).toBe('1');
    expect(busy.json()).toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' });
    expect(busy.body).not.toContain('secret');
    store.failure = new Error('secret');
    const broken = await app.inject(VIEW);
    expect(broken.statusCode).toBe(500);
    expect(broken.body).not.toContain('secret');
  });
});

describe('operation', () => {
  it('tells of jobs with their lag, and of ownership', async () => {
    const { body } = await get('/v1/jobs');
    expect(body).toMatchObject({ jobs: [{ pipeline: 'revenue-by-country', partitions: [{ partition: 0, lag: 10 }], books: { records: 10, deadLettered: 1 } }], runs: [], verification: null, ownership: [{ runId: 'run-1' }] });
  });

  it('is live while it is not ready', async () => {
    expect((await get('/health/ready')).status).toBe(200);
    store.failure = new Error('gone');
    expect((await get('/health/live')).status).toBe(200);
    expect(await get('/health/ready')).toMatchObject({ status: 503, body: { code: 'SERVING_NOT_READY', detail: 'No answer from the store of the views.' } });
  });

  it('measures requests, rows by layer, jobs and frontiers', async () => {
    await get(VIEW);
    const { body: text } = await app.inject('/metrics');
    for (const line of [
      'weir_rows_served_total{view="revenue-by-country",layer="batch"} 2',
      'weir_rows_served_total{view="revenue-by-country",layer="speed"} 3',
      'weir_job_lag_records{pipeline="revenue-by-country",layer="speed",partition="0"} 10',
      'weir_job_watermark_seconds{pipeline="revenue-by-country",layer="speed"} 18000',
      'weir_job_late_records{pipeline="revenue-by-country",layer="speed"} 1',
      'weir_job_books_imbalance{pipeline="revenue-by-country",layer="speed"} 0',
      'weir_view_frontier_seconds{view="revenue-by-country"} 7200',
      'weir_http_request_duration_seconds_count{route="/v1/views/:view",method="GET",status="200"} 1',
      'weir_catalog_up 1',
    ]) {
      expect(text.split('\n').some((found) => found === line), line).toBe(true);
    }
  });

  it('still answers metrics when the catalog does not', async () => {
    catalog.failure = new Error('gone');
    const { statusCode, body } = await app.inject('/metrics');
    expect(statusCode).toBe(200);
    expect(body).toMatch(/^weir_catalog_up 0$/m);
  });

  it('documents every route with schemas', async () => {
    const { body } = await get('/docs/json');
    const paths = body['paths'] as Record<string, { get: { responses: Record<string, unknown>; parameters?: { name: string }[] } }>;
    expect(Object.keys(paths).sort()).toEqual(['/health/live', '/health/ready', '/metrics', '/v1/jobs', '/v1/views', '/v1/views/{view}', '/v1/views/{view}/stream']);
    expect(paths['/v1/views/{view}']!.get.parameters!.map(({ name }) => name)).toEqual(['from', 'to', 'key', 'limit', 'cursor', 'finality', 'order', 'view']);
  });

  it('sends policies that forbid what is not its own', async () => {
    const api = (await app.inject(VIEW)).headers;
    expect(api['content-security-policy']).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
    expect(api['content-security-policy']).not.toContain('unsafe');
    expect(api['x-content-type-options']).toBe('nosniff');
    expect((await app.inject('/docs/')).headers['content-security-policy']).toContain("script-src 'self';");
    expect((await app.inject('/docsx')).headers['content-security-policy']).not.toContain('unsafe');
  });
});

describe('listen', () => {
  it('says when the port is taken and what to do', async () => {
    const port = await listen(app, '127.0.0.1', 0);
    const second = await servingApp({ views: referenceViews, store, catalog, version: '0.0.0' });
    await expect(listen(second, '127.0.0.1', port)).rejects.toThrow(/^SERVING_PORT_IN_USE.*--port/);
    await second.close();
  });
});
