import { parseArgs } from 'node:util';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { WeirError } from '@weir/model';
import { runLiveShop } from './live-shop.ts';
import { DEFAULT_SEED, load } from './load.ts';
import type { LoadProgress } from './load.ts';
import { readRetail } from './retail.ts';

const HELP = `Puts orders into the log.

  generator load --log DIR            loads UCI Online Retail, once; goes on where it was broken off
  generator live --log DIR            places orders drawn from the real ones until it is stopped

  --rate LINES    lines per second of wall time (live; default 500)
  --speed FACTOR  shop time per wall time (live; default 60)
  --seed NUMBER   of the disorder (default ${DEFAULT_SEED})
  --supervised    report to the parent process and end with it`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      log: { type: 'string' },
      rate: { type: 'string', default: '500' },
      speed: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      supervised: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const command = positionals[0];
  if (values.help || values.log === undefined || (command !== 'load' && command !== 'live')) {
    console.log(HELP);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  if (values.supervised) process.once('disconnect', () => stop.abort());
  const log = await openEmbeddedLog(values.log);
  const orders = readRetail();
  try {
    if (command === 'load') await load(log, orders, Number(values.seed), report);
    else await runLiveShop({ log, orders, seed: Number(values.seed), rate: Number(values.rate), speed: Number(values.speed), clock: { now: Date.now }, signal: stop.signal });
  } finally {
    await log.close();
  }
  if (process.connected) process.disconnect();
}

function report(progress: LoadProgress): void {
  if (process.send !== undefined) process.send({ progress });
  else console.log(`${progress.done} of ${progress.total} lines`);
}

main().catch((error: unknown) => {
  console.error(error instanceof WeirError ? error.message : error);
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
