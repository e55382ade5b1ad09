import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openCatalog, readMigrations } from '@weir/connector-postgres';
import { WeirError } from '@weir/model';
import { referenceViews } from '@weir/views';
import manifest from '../package.json' with { type: 'json' };
import { listen } from './listen.ts';
import { servingApp } from './serving-app.ts';
import { ClickHouseViewStore } from './view-store.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Serves the reference views and the console over HTTP until it is told to stop. */
const { values: options } = parseArgs({
  options: {
    // Every app is given the data directory; this one keeps nothing in it.
    data: { type: 'string' },
    clickhouse: { type: 'string', default: process.env['WEIR_CLICKHOUSE_URL'] ?? '' },
    postgres: { type: 'string', default: process.env['WEIR_POSTGRES_URL'] ?? '' },
    port: { type: 'string', default: '8080' },
    host: { type: 'string', default: '127.0.0.1' },
    'log-level': { type: 'string', default: 'info' },
    supervised: { type: 'boolean', default: false },
  },
});

try {
  await serve();
} catch (error) {
  console.error(error instanceof WeirError ? error.message : error);
  process.exit(1);
}

async function serve(): Promise<void> {
  for (const name of ['clickhouse', 'postgres'] as const) {
    if (options[name] !== '') continue;
    throw new WeirError('SERVING_OPTION_MISSING', `Where ${name} is has not been said.`, { remedy: `Pass --${name} URL, or set WEIR_${name.toUpperCase()}_URL.` });
  }
  // Somebody waits for each answer: better a quick refusal than a late one.
  const clickhouse = new ClickHouse({ url: options.clickhouse, requestTimeoutMilliseconds: 15_000, tries: 3 });
  const catalog = await openCatalog({ url: options.postgres, migrations: readMigrations(join(ROOT, 'infra/migrations/postgres')) });
  const store = new ClickHouseViewStore(clickhouse);
  await store.prepare(referenceViews);
  const app = await servingApp({
    views: referenceViews,
    store,
    catalog,
    consoleFolder: join(ROOT, 'apps/console/dist'),
    version: manifest.version,
    logLevel: options['log-level'],
  });
  app.addHook('onClose', async () => {
    await Promise.all([clickhouse.close(), catalog.close()]);
  });

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (options.supervised) process.on('disconnect', stop);

  const port = await listen(app, options.host, options.port);
  process.send?.({ ready: true, port });
}
