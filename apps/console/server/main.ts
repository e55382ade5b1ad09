import { fileURLToPath } from 'node:url';
import { WeirError } from '@weir/model';
import { readSettings } from '@weir/settings';
import { consoleServer } from './console-server.ts';
import { consoleSettings } from './settings.ts';

const PAGE = fileURLToPath(new URL('../dist', import.meta.url));

try {
  await serve();
} catch (error) {
  console.error(error instanceof WeirError ? error.message : error);
  process.exit(1);
}

/** Serves the page until it is told to stop. Throws CONSOLE_PORT_IN_USE. */
async function serve(): Promise<void> {
  const settings = readSettings(consoleSettings);
  if (settings === undefined) return;
  const { host, port, logLevel } = settings;
  const app = await consoleServer({ folder: PAGE, serving: new URL(settings.serving), logLevel });
  const stop = (): void => void app.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error;
    throw new WeirError('CONSOLE_PORT_IN_USE', `Something else listens on port ${port} of ${host}.`, { remedy: 'Stop it, or pass --port with another one.', retryable: true, cause: error });
  }
  const address = app.server.address();
  process.send?.({ ready: true, port: typeof address === 'object' && address !== null ? address.port : port });
}
