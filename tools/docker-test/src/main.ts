/** `npm run test:docker`: brings the compose demo up, looks whether it does what it should, and brings it down. */
import { parseArgs } from 'node:util';
import { WeirError } from '@weir/model';
import { CHECKS } from './checks.ts';
import { Demo } from './demo.ts';
import { Engine } from './engine.ts';
import { prepareImages } from './images.ts';

const USAGE = `npm run test:docker -- [options]

Where a Docker engine answers: builds the image of the programs, brings the demo of infra/compose.yaml up under a name and on ports of
its own, waits for health, checks that numbers appear, publishes a replay, verifies, kills a replica of the speed layer and sees it taken
over, and brings all down. Images are taken from the engine, fetched, or made of this machine's parts where no registry can be reached;
WEIR_NODE_IMAGE, WEIR_KAFKA_IMAGE, WEIR_CLICKHOUSE_IMAGE, WEIR_POSTGRES_IMAGE, WEIR_PROMETHEUS_IMAGE and WEIR_GRAFANA_IMAGE name others.

  --lines N   lines of the real orders that are loaded, default 60000
  --keep      leave the demo up
  --help      this text

Ends with 0 when all is well, 1 when a check failed, 2 when the test cannot be run here, 130 when it is interrupted. Nothing that it
started is left in any case, unless it is told to keep it.`;

const CANNOT_RUN = new Set(['DOCKER_UNREACHABLE', 'DOCKER_COMPOSE_MISSING', 'DOCKER_IMAGE']);

const { values: options } = parseArgs({ options: { lines: { type: 'string', default: '60000' }, keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });

async function step(name: string, work: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const outcome = await work();
  console.log(`ok      ${name}  (${((performance.now() - started) / 1_000).toFixed(1)} s)${outcome === '' ? '' : `  ${outcome}`}`);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort(signal));

async function test(): Promise<void> {
  const engine = await Engine.open(interruption.signal);
  const images = await prepareImages(engine, (line) => console.log(`        ${line}`));
  const demo = await Demo.prepare(engine, images, Number(options.lines));
  try {
    await step('the image is built', async () => (await demo.build(images.local.length > 0 ? 'host' : 'default'), ''));
    await step('the services are started', async () => (await demo.up(900), ''));
    await step('they are healthy', async () => (await demo.settled(300), ''));
    for (const [name, look] of CHECKS) await step(name, () => look(demo));
  } catch (error) {
    fail(error);
    if (!interruption.signal.aborted) console.error(await demo.lastWords());
  }
  if (options.keep && !interruption.signal.aborted) console.log(`        the demo stays up: ${demo.url('serving')}`);
  else await step('all is brought down', async () => (await demo.down(), ''));
}

function fail(error: unknown): void {
  if (interruption.signal.aborted) {
    console.error(`Interrupted by ${String(interruption.signal.reason)}; what was started is removed.`);
    process.exitCode = 130;
    return;
  }
  console.error(error instanceof WeirError ? error.message : error);
  process.exitCode = error instanceof WeirError && CANNOT_RUN.has(error.code) ? 2 : 1;
}

if (options.help) console.log(USAGE);
else await test().catch(fail);
