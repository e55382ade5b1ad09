// What `npm start` and `npm test` pass through. Plain JavaScript without dependencies, because it runs before anything
// is installed and on whatever Node the system has (20 or newer).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installDependencies, whyStale } from './install.mjs';
import { majorOf, PROJECT_NODE_MAJOR } from './project-node.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');

/** What each script runs, relative to the root. */
const TARGETS = {
  start: 'apps/standalone/src/main.ts',
  test: 'tools/test/src/main.ts',
};

const EXIT_USAGE = 2;

/** Prints one message with its remedy and ends. */
function fail(message, exitCode = 1) {
  process.stderr.write(`weir: ${message}\n`);
  process.exit(exitCode);
}

const [name = '', ...args] = process.argv.slice(2);
const target = TARGETS[name];
if (target === undefined) {
  fail(`unknown target "${name}". Use one of: ${Object.keys(TARGETS).join(', ')}.`, EXIT_USAGE);
}

const stale = whyStale(root);
if (stale !== undefined) {
  const failure = await installDependencies(root, stale);
  if (failure !== undefined) fail(failure);
}

const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const major = existsSync(node) ? majorOf(node) : undefined;
if (major === undefined || major < PROJECT_NODE_MAJOR) {
  fail(
    `the project's own Node ${PROJECT_NODE_MAJOR} is not in node_modules (${major === undefined ? 'missing' : `found ${major}`}): ` +
      `its install script did not run. Run \`npm rebuild node\`, or delete node_modules and run \`npm ci\` with install scripts allowed.`,
  );
}

run(['--import', pathToFileURL(join(here, 'one-signal.mjs')).href, join(root, target), ...args]);

/** Becomes the target where the platform can (nothing left in between), else stays as a parent that passes signals on. */
function run(argv) {
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...argv], process.env);
  }
  const child = spawn(node, argv, { stdio: 'inherit' });
  // The child may get a signal from the terminal as well as from here; one-signal.mjs counts the pair as one.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
