import { WeirError } from '@weir/model';
import type { Container, Demo } from './demo.ts';

/** As much as is looked at of what the API answers. */
interface Page {
  readonly rows: readonly { readonly label: { readonly layer: 'batch' | 'speed' } }[];
}
interface Jobs {
  readonly jobs: readonly { readonly pipeline: string; readonly layer: string; readonly state: string; readonly epoch: number; readonly books: { readonly records: number }; readonly updatedAt: number }[];
  readonly runs: readonly { readonly runId: string; readonly state: string }[];
  readonly verification: { readonly verifiedAt: number; readonly rowsCompared: number; readonly causes: Readonly<Record<string, number>> } | null;
}

const VIEW = 'revenue-by-country';

/** One check: what is looked at, and the look. Fails with DEMO_CHECK. */
export type Check = readonly [name: string, look: (demo: Demo) => Promise<string>];

/** The checks, in their order. */
export const CHECKS: readonly Check[] = [
  ['numbers appear', numbersAppear],
  ['the console shows them', consoleShows],
  ['a replay is published', replay],
  ['both layers agree', verify],
  ['metrics are scraped, and drawn', observe],
  ['a replica takes over', takeOver],
  ['both layers agree after it', verify],
];

async function json<T>(url: string): Promise<T> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw failed(`${url} answers ${answer.status}`);
  return (await answer.json()) as T;
}

function failed(what: string): WeirError {
  return new WeirError('DEMO_CHECK', `${what}.`, { remedy: 'Look at the logs of the services.' });
}

async function rowsOf(demo: Demo, layer: 'batch' | 'speed', order: 'oldest' | 'newest'): Promise<number> {
  const { rows } = await json<Page>(`${demo.url('serving')}/v1/views/${VIEW}?limit=100&order=${order}`);
  return rows.filter(({ label }) => label.layer === layer).length;
}

async function numbersAppear(demo: Demo): Promise<string> {
  let speed = 0;
  let batch = 0;
  await demo.until('rows of both layers', 180, async () => {
    [speed, batch] = await Promise.all([rowsOf(demo, 'speed', 'newest'), rowsOf(demo, 'batch', 'oldest')]);
    return speed > 0 && batch > 0 ? undefined : `there are ${speed} rows of the speed layer and ${batch} of the batch layer`;
  });
  return `${speed} newest rows of the speed layer, ${batch} oldest ones of the batch layer`;
}

/** The page, and through it what serving has. */
async function consoleShows(demo: Demo): Promise<string> {
  for (const service of ['console', 'serving'] as const) {
    const page = await fetch(demo.url(service), { signal: AbortSignal.timeout(10_000) });
    if (!page.ok || !(await page.text()).includes('<div id="root">')) throw failed(`${service} answers ${page.status}, without the page`);
  }
  const { rows } = await json<Page>(`${demo.url('console')}/v1/views/${VIEW}?limit=10&order=newest`);
  if (rows.length === 0) throw failed('the console passes no rows on');
  return '';
}

async function replay(demo: Demo): Promise<string> {
  const published = async (): Promise<ReadonlySet<string>> => {
    const { runs } = await json<Jobs>(`${demo.url('serving')}/v1/jobs`);
    return new Set(runs.filter(({ state }) => state === 'published').map(({ runId }) => runId));
  };
  const before = await published();
  await demo.again('reprocessor', 600);
  let more = 0;
  await demo.until('a run that was not there', 30, async () => {
    more = [...(await published())].filter((run) => !before.has(run)).length;
    return more > 0 ? undefined : 'the catalog shows none';
  });
  return `${more} views`;
}

async function verify(demo: Demo): Promise<string> {
  const since = (await json<Jobs>(`${demo.url('serving')}/v1/jobs`)).verification?.verifiedAt ?? 0;
  await demo.again('verify', 600);
  let found: Jobs['verification'] = null;
  await demo.until('the outcome in the catalog', 30, async () => {
    found = (await json<Jobs>(`${demo.url('serving')}/v1/jobs`)).verification;
    return (found?.verifiedAt ?? 0) > since ? undefined : 'there is none';
  });
  const { rowsCompared, causes } = found!;
  if ((causes['UNKNOWN'] ?? 0) !== 0 || rowsCompared === 0) throw failed(`${causes['UNKNOWN'] ?? 0} of ${rowsCompared} rows differ without a cause`);
  return `${rowsCompared} rows compared, none differs without a cause`;
}

async function observe(demo: Demo): Promise<string> {
  if (demo.leftOut.length > 0) return `not covered: no image of ${demo.leftOut.join(' and ')}`;
  await demo.until('Prometheus to have the metrics of serving', 60, async () => {
    const { data } = await json<{ data: { result: readonly unknown[] } }>(`${demo.url('prometheus')}/api/v1/query?query=weir_job_records`);
    return data.result.length > 0 ? undefined : 'it has none';
  });
  const dashboards = await json<readonly { readonly uid: string }[]>(`${demo.url('grafana')}/api/search?type=dash-db`);
  if (!dashboards.some(({ uid }) => uid === 'weir-layers')) throw failed('Grafana does not show the dashboard weir-layers');
  return `${dashboards.length} dashboards`;
}

/** The replica that holds the leases says that it runs; the other one, that it waits. */
async function activeReplica(demo: Demo): Promise<Container> {
  for (const container of await demo.containers('speed')) {
    if (container.status === 'running' && /"msg":"running"/.test(await demo.logs(container.name))) return container;
  }
  throw failed('none of the replicas of speed runs');
}

async function takeOver(demo: Demo): Promise<string> {
  const jobs = async (): Promise<ReadonlyMap<string, Jobs['jobs'][number]>> =>
    new Map((await json<Jobs>(`${demo.url('serving')}/v1/jobs`)).jobs.filter(({ layer }) => layer === 'speed').map((job) => [job.pipeline, job]));
  const before = await jobs();
  const active = await activeReplica(demo);
  const started = performance.now();
  await demo.kill(active);
  await demo.until('the other replica to run all pipelines, and to read on', 120, async () => {
    const now = await jobs();
    const behind = [...before.values()].find(({ pipeline, epoch, books }) => {
      const job = now.get(pipeline);
      return job?.state !== 'running' || job.epoch <= epoch || job.books.records <= books.records;
    });
    return behind === undefined ? undefined : `${behind.pipeline} has not been taken over`;
  });
  return `${active.name} was killed; its ${before.size} pipelines ran on after ${((performance.now() - started) / 1000).toFixed(1)} s`;
}
