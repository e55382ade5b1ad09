import { join } from 'node:path';
import { Command } from 'commander';
import Table from 'cli-table3';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openCatalog } from '@weir/connector-postgres';
import { CAUSES } from '@weir/evidence';
import { WeirError } from '@weir/model';
import { referencePipelines } from '@weir/pipelines';
import { catalogMigrations, openLog, readSettings, readingCodec } from '@weir/settings';
import { migrateAll, migrateSettings } from './migrate.ts';
import { verifySettings } from './settings.ts';
import { examplesOf, verifyAll } from './verify.ts';
import type { VerifiedView } from './verify.ts';

const program = new Command('weir').description('Looks after a running Weir.').showHelpAfterError();
program
  .command('verify')
  .description(verifySettings.about)
  // What it takes is said by its settings.
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action((_options, command: Command) => verify(command.args));
program
  .command('migrate')
  .description(migrateSettings.about)
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action((_options, command: Command) => migrateAll(command.args, (line) => console.log(line)));

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof WeirError ? error.message : error);
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});

async function verify(argv: readonly string[]): Promise<void> {
  const settings = readSettings(verifySettings, { argv });
  if (settings === undefined) return;
  const { data, postgres, examples } = settings;
  const codec = await readingCodec(settings, { topic: 'orders', schema: referencePipelines[0]!.sources.orders, warn: (message) => console.error(message) });
  const log = await openLog(settings, 'weir-verify', (message) => console.error(message));
  const catalog = await openCatalog({ url: postgres, migrations: catalogMigrations() });
  const clickhouse = new ClickHouse({ url: settings.clickhouse, database: settings.clickhouseDatabase });
  try {
    const onView = (view: string): void => void process.send?.({ verifying: view });
    const verified = await verifyAll({ log, codec, clickhouse, catalog, checkpoints: join(data, 'checkpoints'), now: Date.now(), onView });
    console.log(tableOf(verified));
    for (const { view, differences } of verified) {
      for (const line of examplesOf(differences, examples)) console.log(`${view}: ${line}`);
    }
    process.send?.({ verified: verified.map(({ differences, ...view }) => ({ ...view, examples: examplesOf(differences, 3) })), table: tableOf(verified) });
    process.exitCode = verified.some(({ causes }) => causes.UNKNOWN > 0) ? 1 : 0;
  } finally {
    await clickhouse.close();
    await catalog.close();
    await log.close();
  }
  if (process.connected) process.disconnect();
}

function tableOf(verified: readonly VerifiedView[]): string {
  const shown = CAUSES.filter((cause) => cause === 'UNKNOWN' || cause === 'LATE_DROPPED' || verified.some(({ causes }) => causes[cause] > 0));
  const table = new Table({ head: ['view', 'rows compared', 'equal', ...shown], style: { head: [], border: [] }, colAligns: ['left', 'right', 'right', ...shown.map(() => 'right' as const)] });
  for (const { view, rowsCompared, equal, causes } of verified) table.push([view, rowsCompared, equal, ...shown.map((cause) => causes[cause])]);
  return table.toString();
}
