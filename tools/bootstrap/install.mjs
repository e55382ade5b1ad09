import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PREVIOUS = '.node_modules.previous';
const INSTALL_LOCK = '.install.lock';
const WAIT_STEP_MS = 500;
const WAIT_MAX_MS = 15 * 60_000;
const OUTPUT_KEPT_CHARS = 16_384;

/** npm's own defaults keep an offline user waiting for more than a minute; these bound it to seconds. */
const NETWORK_FLAGS = ['--fetch-retries=3', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

/**
 * Why the installed packages are not those of the lockfile, or undefined when they are.
 * Contents are compared, not times: a checkout changes times without changing packages.
 */
export function whyStale(root) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'node_modules is missing';
  const wanted = readPackages(join(root, 'package-lock.json'));
  if (wanted === undefined) return undefined; // nothing to compare with; npm ci could not do better
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const present = installed[path];
    if (present === undefined && entry.optional === true) continue; // another platform's binary
    if (present === undefined || present.version !== entry.version || present.integrity !== entry.integrity) {
      return `node_modules is older than package-lock.json (${path.replace(/^.*node_modules\//, '')})`;
    }
  }
  return undefined;
}

function readPackages(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined; // half-written by an install that was interrupted: as good as missing
  }
}

/**
 * Runs `npm ci` and shows what it does. Gives undefined on success, else one message with a remedy; the packages that
 * were there before are put back then.
 */
export async function installDependencies(root, reason) {
  const release = await takeInstallLock(root);
  if (release === undefined) return `another install has been running for too long. If none is, delete ${INSTALL_LOCK} and try again.`;
  try {
    if (whyStale(root) === undefined) return undefined; // the process we waited for did it
    process.stderr.write(`weir: ${reason}; running npm ci (about a minute, 1 GB)\n`);
    const kept = setAside(root);
    const { exitCode, output } = await npmCi(root);
    if (exitCode === 0) {
      for (const { previous } of kept) rmSync(previous, { recursive: true, force: true });
      return undefined;
    }
    putBack(kept);
    return explain(exitCode, output);
  } finally {
    release();
  }
}

/** `npm ci` deletes node_modules before it knows whether it can fill it again: so what is there is renamed first. */
function setAside(root) {
  const folders = [root, ...workspaceFolders(root)];
  const kept = [];
  for (const folder of folders) {
    const current = join(folder, 'node_modules');
    const previous = join(folder, PREVIOUS);
    if (!existsSync(current)) continue;
    rmSync(previous, { recursive: true, force: true });
    renameSync(current, previous);
    kept.push({ current, previous });
  }
  return kept;
}

function putBack(kept) {
  for (const { current, previous } of kept) {
    rmSync(current, { recursive: true, force: true });
    renameSync(previous, current);
  }
}

function workspaceFolders(root) {
  const { workspaces = [] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return workspaces
    .map((pattern) => join(root, pattern.replace(/\/\*$/, '')))
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
}

function npmCi(root) {
  // The npm that started us, by its own Node: the one in node_modules/.bin has just been renamed away.
  const { npm_execpath: npmCli, npm_node_execpath: npmNode } = process.env;
  const [command, prefix] = npmCli !== undefined && npmNode !== undefined ? [npmNode, [npmCli]] : ['npm', []];
  return new Promise((resolve) => {
    const child = spawn(command, [...prefix, 'ci', '--no-audit', '--no-fund', '--loglevel=error', ...NETWORK_FLAGS], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let output = '';
    child.stderr.on('data', (chunk) => {
      output = (output + chunk).slice(-OUTPUT_KEPT_CHARS);
    });
    // The signal that ends us reaches npm too; waiting for it is what lets the old packages be put back.
    const wait = () => child.kill('SIGTERM');
    process.on('SIGINT', wait).on('SIGTERM', wait);
    const done = (exitCode) => {
      process.off('SIGINT', wait).off('SIGTERM', wait);
      resolve({ exitCode, output });
    };
    child.on('error', (error) => {
      output += error.message;
      done(127);
    });
    child.on('exit', (code) => done(code ?? 130));
  });
}

function explain(exitCode, output) {
  const kept = 'Nothing was changed.';
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/.test(output)) {
    return `the package registry cannot be reached, and the first start needs it once. Check the network (or the proxy and registry that \`npm config list\` shows) and run the command again. ${kept}`;
  }
  if (/ENOSPC/.test(output)) return `the disk is full. Free about 2 GB and run the command again. ${kept}`;
  if (/EACCES|EPERM/.test(output)) return `npm may not write here. Make the folder yours and run the command again. ${kept}`;
  if (exitCode === 127) return `npm was not found. Install Node 20 or newer with npm, and run the command again. ${kept}`;
  if (exitCode === 130) return `the install was interrupted. Run the command again. ${kept}`;
  return `npm ci failed with exit code ${exitCode}. ${kept} This is what it said:\n${output}`;
}

/** One install at a time: two commands started together in a fresh clone would delete each other's files. */
async function takeInstallLock(root) {
  const file = join(root, INSTALL_LOCK);
  let told = false;
  for (let waited = 0; waited < WAIT_MAX_MS; waited += WAIT_STEP_MS) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(Number(readFileSync(file, { encoding: 'utf8', flag: 'r' })))) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) process.stderr.write('weir: waiting for another install in this folder\n');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
  }
  return undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
