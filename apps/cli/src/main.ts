import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import Table from 'cli-table3';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { openCatalog, readMigrations } from '@weir/connector-postgres';
import { CAUSES } from '@weir/evidence';
import { WeirError } from '@weir/model';
import { examplesOf, verifyAll } from './verify.ts';
import type { VerifiedView } from './verify.ts';

interface Connections {
  readonly data?: string;
  readonly clickhouse?: string;
  readonly postgres?: string;
  readonly examples: string;
}

const MIGRATIONS = fileURLToPath(new URL('../../../infra/migrations/postgres', import.meta.url));

const program = new Command('weir').description('Looks after a running Weir.').showHelpAfterError();
program
  .command('verify')
  .description('Compares every served number of the speed layer with the batch layer, and names the cause of each difference. Exit 1 when one has none.')
  .option('--data <dir>', 'data directory (WEIR_DATA)', process.env['WEIR_DATA'])
  .option('--clickhouse <url>', 'where the views are (WEIR_CLICKHOUSE_URL)', process.env['WEIR_CLICKHOUSE_URL'])
  .option('--postgres <url>', 'the catalog (WEIR_POSTGRES_URL)', process.env['WEIR_POSTGRES_URL'])
  .option('--examples <count>', 'differences to show for each view', '0')
  .action(verify);

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof WeirError ? error.message : error);
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});

async function verify({ data, clickhouse: clickhouseUrl, postgres, examples }: Connections): Promise<void> {
  if (data === undefined || clickhouseUrl === undefined || postgres === undefined) {
    throw new WeirError('SETTING_MISSING', '--data, --clickhouse or --postgres is not given.', { remedy: 'Give them on the command line or in the environment; --help names both.' });
  }
  const log = await openEmbeddedLog(join(data, 'log'));
  const catalog = await openCatalog({ url: postgres, migrations: readMigrations(MIGRATIONS) });
  const clickhouse = new ClickHouse({ url: clickhouseUrl });
  try {
    const onView = (view: string): void => void process.send?.({ verifying: view });
    const verified = await verifyAll({ log, clickhouse, catalog, checkpoints: join(data, 'checkpoints'), now: Date.now(), onView });
    console.log(tableOf(verified));
    for (const { view, differences } of verified) {
      for (const line of examplesOf(differences, Number(examples))) console.log(`${view}: ${line}`);
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
