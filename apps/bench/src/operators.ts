import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OperatorBench } from '@weir/testkit';
import { benchOptions } from './bench-options.ts';

const root = resolve(import.meta.dirname, '../../..');
const USAGE = `npm run bench:operators -- [options] [name…]

Prints the CPU time that each operator takes for a record: the median of several passes over prepared batches of plain rows.
Names choose the benchmarks that contain one of them.

  --passes N   measured passes of each, default 7
  --help       this text`;

interface Measured {
  readonly name: string;
  readonly nanoseconds: number;
  readonly emitted: number;
}

const { counts: { passes }, names } = benchOptions(USAGE, { passes: 7 });
const benches = (await allBenches()).filter(({ name }) => names.length === 0 || names.some((wanted) => name.includes(wanted)));
console.log(`${'operator'.padEnd(56)} ${'ns/record'.padStart(9)} ${'records/s'.padStart(12)} ${'rows out'.padStart(9)}`);
for (const bench of benches) print(measure(bench, passes));

async function allBenches(): Promise<readonly OperatorBench[]> {
  const found: OperatorBench[] = [];
  for (const path of globSync('libs/*/src/**/*.bench.ts', { cwd: root }).sort()) {
    const module = (await import(pathToFileURL(resolve(root, path)).href)) as { readonly default: readonly OperatorBench[] };
    found.push(...module.default);
  }
  return found;
}

function measure(bench: OperatorBench, passes: number): Measured {
  let emitted = 0;
  bench.prepare()();
  const times = Array.from({ length: passes }, () => {
    const run = bench.prepare();
    const before = process.cpuUsage();
    emitted = run();
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / bench.count;
  });
  return { name: bench.name, nanoseconds: times.sort((a, b) => a - b)[passes >> 1]!, emitted };
}

function print({ name, nanoseconds, emitted }: Measured): void {
  console.log(`${name.padEnd(56)} ${nanoseconds.toFixed(1).padStart(9)} ${Math.round(1e9 / nanoseconds).toLocaleString('en').padStart(12)} ${emitted.toLocaleString('en').padStart(9)}`);
}
