import { fileURLToPath } from 'node:url';
import { WeirError } from '@weir/model';
import { openDataDirectory } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { MainJob, unknownOf } from './main-job.ts';
import { MemoryMeter } from './memory.ts';
import { parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { Platform } from './platform.ts';
import { balances, writeReport } from './report.ts';
import { Stages } from './stages.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const SAMPLE_MILLISECONDS = 250;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), REPOSITORY);
  const data = openDataDirectory(options.data, { fresh: options.fresh });
  try {
    return await run(options, data);
  } finally {
    data.release();
  }
}

async function run(options: Options, data: DataDirectory): Promise<number> {
  const meter = new MemoryMeter();
  const stages = new Stages(meter, process.stdout, Date.now);
  const platform = new Platform(data);
  const job = new MainJob(platform, stages, data, Date.now);
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('interrupted'));
  });
  meter.start(SAMPLE_MILLISECONDS);
  stages.line(`Weir in ${data.root}`);
  try {
    const outcome = await Promise.race([work(options, data, stages, job), interrupted]);
    if (outcome !== 'interrupted' && options.once) return outcome;
    if (outcome !== 'interrupted') {
      stages.line('Running. Ctrl-C stops it; the next start goes on from here.');
      await Promise.race([interrupted, platform.failure]);
    }
    stages.line('Stopping: final checkpoint …');
    return 0;
  } finally {
    await job.close();
    meter.stop();
    stages.line('Stopped.');
  }
}

/** The stages of a start; answers the exit code that `--once` ends with. */
async function work(options: Options, data: DataDirectory, stages: Stages, job: MainJob): Promise<number> {
  const started = Date.now();
  await job.servers();
  await job.load();
  await job.speedLayer();
  await job.batchLayer();
  await job.verify();
  const { load, speed, reprocessor, verified } = job.findings;
  const unknown = unknownOf(verified);
  const balanced = [...Object.values(speed.books), ...Object.values(reprocessor.books)].every(balances);
  const ok = unknown === 0 && balanced;
  writeReport(data.report, {
    ok,
    load,
    speed,
    reprocessor,
    verify: verified,
    unknown,
    stages: stages.reports,
    totalSeconds: (Date.now() - started) / 1000,
    peakMemoryBytes: Math.max(...stages.reports.map(({ peakMemoryBytes }) => peakMemoryBytes)),
  });
  stages.line(`Books ${balanced ? 'balance' : 'DO NOT BALANCE'}; ${unknown} differences without a cause. Report: ${data.report}`);
  if (!options.once) await job.serve(options);
  return ok ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof WeirError ? error.message : error);
    process.exit(1);
  },
);
