import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Report } from './report.ts';

const HELP = `Kills a whole Weir (-9) at random moments of its start and its life, starts it again, and compares the numbers.

  npm run crash -- --kills 20 --seed 1

  --kills N   how many times (default 20)
  --seed N    of the moments (default 1)`;

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** How long a Weir lives before it is killed, at most: through the stages and into the live shop. */
const LONGEST_LIFE_MILLISECONDS = 25_000;

const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } } });
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const root = mkdtempSync(join(tmpdir(), 'weir-crash-'));
let same = 0;
try {
  const expected = await numbers(join(root, 'sound'));
  console.log(`Without a kill: ${expected}`);
  let state = Number(values.seed) >>> 0;
  for (let kill = 1; kill <= Number(values.kills); kill++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const life = Math.floor((state / 2 ** 32) * LONGEST_LIFE_MILLISECONDS);
    const data = join(root, 'killed');
    await liveAndDie(data, life);
    const found = await numbers(data);
    if (found === expected) same++;
    console.log(`${found === expected ? '✓' : '✗'} kill ${kill} after ${(life / 1000).toFixed(1)} s: ${found === expected ? 'the same numbers' : found}`);
    rmSync(data, { recursive: true, force: true });
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(`${same} passed, ${Number(values.kills) - same} failed`);
process.exitCode = same === Number(values.kills) ? 0 : 1;

/** Runs until the moment, then ends the supervisor and with it every process of its own; those must not outlive it. */
async function liveAndDie(data: string, life: number): Promise<void> {
  const child = spawn(process.execPath, [MAIN, '--data', data, '--port', '0'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await sleep(life);
  child.kill('SIGKILL');
  await ended;
}

/** The digests of the published history after `--once`; what went wrong when it did. */
async function numbers(data: string): Promise<string> {
  const child = spawn(process.execPath, [MAIN, '--once', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) return `exit ${code}\n${output}`;
  const report = JSON.parse(readFileSync(join(data, 'report.json'), 'utf8')) as Report;
  return report.verify.map(({ view, digest }) => `${view} ${digest.slice(0, 12)}`).join(', ');
}
