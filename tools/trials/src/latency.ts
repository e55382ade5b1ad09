import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaLog } from '@weir/connector-kafka';
import { flag, group, readSettings, wholeNumber } from '@weir/settings';
import { ClosingOrders } from './closing-orders.ts';
import { partsOf, quantiles, writeAfter, writesOf } from './latency-parts.ts';
import type { HourTimes } from './latency-parts.ts';
import type { Program } from './program.ts';
import { RealParts } from './real-parts.ts';
import { requireBroker, runTrial } from './run-trial.ts';
import { Watcher } from './watcher.ts';

const latencySettings = {
  usage: 'npm run bench:latency --',
  about: 'How long it takes from the moment at which an order is sent to Kafka until the API shows the final number that it completes: broker, speed\nlayer, ClickHouse, Postgres and API are processes of this machine.',
  schema: group({
    rate: wholeNumber({ default: 1_000, minimum: 1, maximum: 100_000, about: 'orders a second' }),
    seconds: wholeNumber({ default: 60, minimum: 1, maximum: 3_600, about: 'how long, behind a warm-up' }),
    warmUpSeconds: wholeNumber({ default: 10, minimum: 0, maximum: 600, about: 'orders of this time are not measured' }),
    hourMilliseconds: wholeNumber({ default: 250, minimum: 10, maximum: 60_000, about: 'wall time in which an hour of the shop passes, at whose end its numbers become final' }),
    pollMilliseconds: wholeNumber({ default: 10, minimum: 0, maximum: 1_000, about: 'pause of the client between an answer of the API and its next question' }),
    noChangelog: flag({ about: 'let the speed layer not write results to Kafka too' }),
  }),
};

const VIEW = 'revenue-by-country';
const SINK = 'revenue';
const ROWS = 60;
const LATEST_MILLISECONDS = 5_000;

async function main(): Promise<boolean> {
  const settings = readSettings(latencySettings);
  if (settings === undefined) return true;
  await requireBroker();
  const { rate, seconds, warmUpSeconds, hourMilliseconds, pollMilliseconds, noChangelog } = settings;
  const parts = await RealParts.start();
  try {
    const log = await openKafkaLog({ brokers: [parts.broker.bootstrap] });
    await log.ensureTopic('orders', { partitions: 4 });
    await log.close();
    const speed = parts.run('speed', '--tell-timings', ...(noChangelog ? [] : ['--changelog']));
    const serving = parts.run('serving', '--port', '0', '--log-level', 'warn');
    const [port] = await Promise.all([serving.told<number>('port'), speed.told('ready')]);
    const watcher = new Watcher(`http://127.0.0.1:${port}/v1/views/${VIEW}?order=newest&limit=${ROWS}`, pollMilliseconds);
    watcher.begin();
    const orders = new ClosingOrders({ broker: parts.broker.bootstrap, rate, hourMilliseconds });
    const began = performance.now();
    await Promise.race([orders.run((warmUpSeconds + seconds) * 1_000), speed.finished(), serving.finished()]);
    await sleep(LATEST_MILLISECONDS);
    await watcher.stop();
    const cpu = (await parts.catalog.jobs()).find(({ pipeline }) => pipeline === VIEW)?.cpuSeconds ?? Number.NaN;
    tell({ orders, watcher, speed, from: began + warmUpSeconds * 1_000, seconds: warmUpSeconds + seconds, cpu });
    return true;
  } finally {
    await parts.stop();
  }
}

function tell({ orders, watcher, speed, from, seconds, cpu }: { readonly orders: ClosingOrders; readonly watcher: Watcher; readonly speed: Program; readonly from: number; readonly seconds: number; readonly cpu: number }): void {
  const toTables = writesOf(speed, VIEW, SINK);
  const toChangelog = writesOf(speed, VIEW, `${SINK} 2`);
  const hours: readonly HourTimes[] = [...orders.closedAt]
    .filter(([, sentAt]) => sentAt >= from)
    .map(([end, sentAt]) => ({ sentAt, written: writeAfter(toTables, sentAt), committedAt: writeAfter(toChangelog, sentAt)?.endedAt, shownAt: watcher.shownAt.get(end) }));
  const shown = hours.flatMap(({ sentAt, shownAt }) => (shownAt === undefined ? [] : [shownAt - sentAt]));
  console.log(`${orders.acknowledged.toLocaleString('en')} orders in ${seconds} s; ${hours.length} hours ended, ${shown.length} of them were shown; speed took ${cpu.toFixed(1)} s of CPU; load average ${loadavg()[0]!.toFixed(1)}`);
  console.log(`from sent to shown, all countries of the hour: ${quantiles(shown)}`);
  for (const [part, milliseconds] of partsOf(hours)) console.log(`  ${part}: ${quantiles(milliseconds)}`);
  console.log(`beside it, until Kafka acknowledged: ${quantiles(orders.acknowledgements)}`);
  console.log(`beside it, an answer of the API, ${watcher.answers.length.toLocaleString('en')} times: ${quantiles(watcher.answers)}`);
}

runTrial(main);
