import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ClickHouse, migrateTables } from '@weir/connector-clickhouse';
import { ChangeListener, openCatalog } from '@weir/connector-postgres';
import { WeirError } from '@weir/model';
import { catalogMigrations, readSettings, viewMigrations } from '@weir/settings';
import { readAnnouncement, referenceViews } from '@weir/views';
import type { Announcement } from '@weir/views';
import manifest from '../package.json' with { type: 'json' };
import { listen } from './listen.ts';
import { servingApp } from './serving-app.ts';
import { servingSettings } from './settings.ts';
import { ClickHouseViewStore } from './view-store.ts';

const CONSOLE = fileURLToPath(new URL('../../console/dist', import.meta.url));

try {
  await serve();
} catch (error) {
  console.error(error instanceof WeirError ? error.message : error);
  process.exit(1);
}

/** Serves the reference views and the console over HTTP until it is told to stop. */
async function serve(): Promise<void> {
  const settings = readSettings(servingSettings);
  if (settings === undefined) return;
  // Somebody waits for each answer: better a quick refusal than a late one.
  const clickhouse = new ClickHouse({ url: settings.clickhouse, database: settings.clickhouseDatabase, requestTimeoutMilliseconds: 15_000, tries: 3 });
  const catalog = await openCatalog({ url: settings.postgres, migrations: catalogMigrations() });
  await migrateTables(clickhouse, viewMigrations());
  const changes = new EventEmitter<{ change: [announcement: Announcement] }>();
  const listener = new ChangeListener({
    url: settings.postgres,
    onChange: (text) => {
      // What is not understood is of another version: its rows are found when an answer is a quarter of a second old.
      const announcement = readAnnouncement(text, referenceViews);
      if (announcement !== undefined) changes.emit('change', announcement);
    },
    warn: (message) => console.error(message),
  });
  const app = await servingApp({
    views: referenceViews,
    store: new ClickHouseViewStore(clickhouse),
    catalog,
    changes: { isHearing: () => listener.isHearing, on: (heard) => void changes.on('change', heard) },
    consoleFolder: CONSOLE,
    version: manifest.version,
    logLevel: settings.logLevel,
    pollMilliseconds: settings.pollMilliseconds,
  });
  app.addHook('onClose', async () => {
    await Promise.all([clickhouse.close(), catalog.close(), listener.close()]);
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
  if (settings.supervised) process.on('disconnect', stop);

  const port = await listen(app, settings.host, settings.port);
  process.send?.({ ready: true, port });
}
