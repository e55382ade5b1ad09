import type { Batches } from './decode-data.ts';

const RUNS = 9;
const WARM_UP = 4;

/** Reads a record batch; answers the sum of what it read of one field. */
export type Contender = (batch: Uint8Array) => number;

/** Makes a contender for these batches. */
export type MakeContender = (batches: readonly Uint8Array[]) => Contender | Promise<Contender>;

/** With their names; the first is what the others are compared with. */
export type Contenders = readonly (readonly [name: string, make: MakeContender])[];

/** Prints what each contender takes for one record. Throws when one reads something else than the first. */
export async function compare(title: string, { batches, valueBytes }: Batches, records: number, contenders: Contenders): Promise<void> {
  console.log(`\n${title}: ${records} bids of ${Math.round(valueBytes / records)} bytes`);
  let baseline: Measured | undefined;
  for (const [name, make] of contenders) {
    const result = measure(await make(batches), batches, records);
    baseline ??= result;
    if (result.sum !== baseline.sum) throw new Error(`${name} read other prices than ${contenders[0]![0]}.`);
    const rate = (1_000 / result.nanoseconds).toFixed(2);
    console.log(`  ${name.padEnd(40)}${result.nanoseconds.toFixed(0).padStart(6)} ns${rate.padStart(8)} M/s${(baseline.nanoseconds / result.nanoseconds).toFixed(2).padStart(8)} x`);
  }
}

interface Measured {
  readonly nanoseconds: number;
  readonly sum: number;
}

/** CPU nanoseconds for each record: the median, and what it read, so that nobody is measured who read something else. */
function measure(contender: Contender, batches: readonly Uint8Array[], records: number): Measured {
  const times: number[] = [];
  let sum = 0;
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    const before = process.cpuUsage();
    sum = 0;
    for (const batch of batches) sum += contender(batch);
    const { user, system } = process.cpuUsage(before);
    if (run >= WARM_UP) times.push(((user + system) * 1_000) / records);
  }
  return { nanoseconds: times.sort((a, b) => a - b)[RUNS >> 1]!, sum };
}
