import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { WeirError } from '@weir/model';
import { runLiveShop } from './live-shop.ts';
import { load } from './load.ts';
import { HELP, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { LoadReport } from './load-report.ts';
import { readRetail } from './retail.ts';
import { generate } from './streams/generate.ts';

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv[0] === 'generate') {
    await generate(argv.slice(1), (line) => console.log(line));
    return;
  }
  const options = parseOptions(argv);
  if (options === null) console.log(HELP);
  else await run(options);
}

async function run({ command, log: directory, seed, rate, speed, supervised }: Options): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  if (supervised) process.once('disconnect', () => stop.abort());
  const log = await openEmbeddedLog(directory);
  try {
    const lines = readRetail();
    const { signal } = stop;
    if (command === 'load') {
      const report = new LoadReport({ now: Date.now });
      await load({ log, lines, seed, signal, onProgress: (progress) => report.show(progress) });
    } else {
      process.send?.({ ready: true });
      await runLiveShop({ log, lines, seed, rate, speed, clock: { now: Date.now }, signal });
    }
  } finally {
    await log.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof WeirError ? error.message : error);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
