import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '@weir/model';
import { build } from 'vite';

const ROOT = import.meta.dirname;
/** What the built page is made from. */
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json'];
/** Where the built page is. */
export const CONSOLE_DIRECTORY = join(ROOT, 'dist');

/**
 * Builds the console unless what is built is at least as new as its sources; answers whether it had to. The page that is there stays
 * until the new one is whole. Throws CONSOLE_BUILD_FAILED.
 */
export async function ensureConsoleBuilt(): Promise<boolean> {
  if (isBuilt()) return false;
  const staging = join(ROOT, `dist.${process.pid}`);
  // Vite takes what it finds here over its own mode; from within a test that would build React's development version.
  const environment = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error', build: { outDir: staging } });
    putInPlace(staging);
  } catch (cause) {
    rmSync(staging, { recursive: true, force: true });
    throw new WeirError('CONSOLE_BUILD_FAILED', `The console could not be built: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      remedy: 'Restore apps/console and run npm ci; the serving API works without the page.',
      cause,
    });
  } finally {
    if (environment === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = environment;
  }
  return true;
}

function putInPlace(staging: string): void {
  rmSync(CONSOLE_DIRECTORY, { recursive: true, force: true });
  try {
    renameSync(staging, CONSOLE_DIRECTORY);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))) throw error;
    // Another process has built the same page at the same time.
    rmSync(staging, { recursive: true, force: true });
  }
}

function isBuilt(): boolean {
  const page = join(CONSOLE_DIRECTORY, 'index.html');
  return existsSync(page) && statSync(page).mtimeMs >= Math.max(...SOURCES.map((source) => newest(join(ROOT, source))));
}

/** The newest change of a file or of anything in a folder. */
function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (import.meta.main) {
  const started = performance.now();
  const built = await ensureConsoleBuilt();
  console.log(built ? `The console was built in ${((performance.now() - started) / 1000).toFixed(1)} s.` : 'The console is built already.');
}
