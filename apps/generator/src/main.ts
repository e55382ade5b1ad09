import { WeirError } from '@weir/model';
import { beat, openLog, readSettings } from '@weir/settings';
import type { LogSettings } from '@weir/settings';
import type { Log } from '@weir/connector-api';
import { runLiveShop } from './live-shop.ts';
import { load } from './load.ts';
import { LoadReport } from './load-report.ts';
import { openRecordWriter } from './open-record-writer.ts';
import type { RecordWriter } from './record-writer.ts';
import { readRetail } from './retail.ts';
import { liveSettings, loadSettings } from './settings.ts';
import { shopFormat } from './shop-format.ts';
import { generate } from './streams/generate.ts';

const HELP = `Puts events into the log.

  npm run generate -- load            loads UCI Online Retail, once; goes on where it was broken off
  npm run generate -- live            places orders drawn from the real ones until it is stopped
  npm run generate -- stream STREAM   makes a stream with known things planted in it

Each says with --help what it can be told.`;

async function main([command, ...argv]: readonly string[]): Promise<void> {
  switch (command) {
    case 'load':
      return loadOrders(argv);
    case 'live':
      return openShop(argv);
    case 'stream':
      return generate(argv, (line) => console.log(line));
    case '--help':
    case '-h':
      return console.log(HELP);
    default:
      throw new WeirError('GENERATOR_COMMAND', command === undefined ? 'It was not said what to generate.' : `There is no '${command}' to generate.`, { remedy: 'Say load, live or stream; --help tells of each.' });
  }
}

async function loadOrders(argv: readonly string[]): Promise<void> {
  const settings = readSettings(loadSettings, { argv });
  if (settings === undefined) return;
  const { seed, lines: most } = settings;
  const format = await shopFormat(settings);
  const report = new LoadReport({ now: Date.now });
  await withLog(settings, async (log, writer, signal) => {
    await load({ log, writer, lines: readRetail(), seed, format, most, signal, onProgress: (progress) => report.show(progress) });
  });
}

async function openShop(argv: readonly string[]): Promise<void> {
  const settings = readSettings(liveSettings, { argv });
  if (settings === undefined) return;
  const { seed, rate, speed } = settings;
  const format = await shopFormat(settings);
  await withLog(settings, async (log, writer, signal) => {
    const lines = readRetail();
    process.send?.({ ready: true });
    await runLiveShop({ log, writer, lines, seed, format, rate, speed, clock: { now: Date.now }, signal });
  });
}

/** Runs work over the chosen log; its signal is given when the process is to end. */
async function withLog(settings: LogSettings & { readonly supervised: boolean; readonly healthFile?: string }, work: (log: Log, writer: RecordWriter, signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  if (settings.supervised) process.once('disconnect', () => stop.abort());
  beat(settings.healthFile, (message) => console.error(message));
  const log = await openLog(settings, 'weir-generator', (message) => console.error(message));
  try {
    const writer = await openRecordWriter(settings, log);
    try {
      await work(log, writer, stop.signal);
    } finally {
      // Also when there was nothing to do, or it failed: its connections would keep the process.
      await writer.close();
    }
  } finally {
    await log.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof WeirError ? error.message : error);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
