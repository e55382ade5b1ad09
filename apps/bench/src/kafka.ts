import { openKafkaLog } from '@weir/connector-kafka';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { benchOptions } from './bench-options.ts';
import type { Measured } from './kafka-worker.ts';

/**
 * Reading and writing Kafka, and the ordinary client beside it in the same run, in turn, each in a process of its own: messages per
 * CPU-second of that process. The broker runs on the same machine.
 */
const run = promisify(execFile);
const USAGE = `npm run bench:kafka -- [options]

Writes to and reads from a real broker, started for this, with Weir's connector and with kafkajs in turn, each in a process of its own: messages for a
second of its CPU, and how many times as many.

  --messages N   of about 200 bytes in each round, default 5000000
  --rounds N     the median counts, default 3
  --help         this text`;

const { counts: { messages: MESSAGES, rounds: ROUNDS } } = benchOptions(USAGE, { messages: 5_000_000, rounds: 3 });
/** So many of them are written by kafkajs, as it takes its time. */
const FEW = Math.ceil(MESSAGES / 20);
const LEAST_READ = 4;
const LEAST_READ_TIMES = 12;
const LEAST_WRITE = 1;

const broker = spawn(process.execPath, ['--no-warnings', resolve(import.meta.dirname, '../../../tools/kafka-broker/src/main.ts'), '1024'], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: broker.stdout });
const [address] = (await Promise.race([once(lines, 'line'), once(broker, 'exit')])) as [string];

async function measure(role: string, topic: string, messages: number): Promise<Measured> {
  const { stdout } = await run(process.execPath, ['--no-warnings', join(import.meta.dirname, 'kafka-worker.ts'), role, address, topic, String(messages)]);
  const measured = JSON.parse(stdout) as Measured;
  const { seconds, cpuSeconds } = measured;
  console.log(`  ${role.padEnd(14)} ${(measured.messages / cpuSeconds / 1e6).toFixed(3)} M messages per CPU-second, ${(measured.messages / seconds / 1e6).toFixed(3)} M per second`);
  return measured;
}

const perCpuSecond = ({ messages, cpuSeconds }: Measured): number => messages / cpuSeconds / 1e6;
const median = (figures: readonly number[]): number => [...figures].sort((a, b) => a - b)[figures.length >> 1]!;

try {
  const log = await openKafkaLog({ brokers: [address] });
  const figures: Readonly<Record<string, number[]>> = { 'write-weir': [], 'write-kafkajs': [], 'read-weir': [], 'read-kafkajs': [] };
  for (let round = 0; round < ROUNDS; round++) {
    console.log(`round ${round + 1} of ${ROUNDS}: ${MESSAGES.toLocaleString('en')} JSON values of about 200 bytes, 2 partitions (kafkajs writes ${FEW.toLocaleString('en')})`);
    const topics = { weir: `weir-${round}`, kafkajs: `kafkajs-${round}` };
    for (const topic of Object.values(topics)) await log.ensureTopic(topic, { partitions: 2 });
    figures['write-weir']!.push(perCpuSecond(await measure('write-weir', topics.weir, MESSAGES)));
    figures['write-kafkajs']!.push(perCpuSecond(await measure('write-kafkajs', topics.kafkajs, FEW)));
    figures['read-weir']!.push(perCpuSecond(await measure('read-weir', topics.weir, MESSAGES)));
    figures['read-kafkajs']!.push(perCpuSecond(await measure('read-kafkajs', topics.weir, MESSAGES)));
  }
  await log.close();
  const times = (a: string, b: string): readonly number[] => figures[a]!.map((figure, round) => figure / figures[b]![round]!);
  const [read, write] = [median(figures['read-weir']!), median(figures['write-weir']!)];
  const [readTimes, writeTimes] = [median(times('read-weir', 'read-kafkajs')), median(times('write-weir', 'write-kafkajs'))];
  const verdict = (isMet: boolean): string => (isMet ? 'met' : 'NOT met');
  console.log('medians, M messages per CPU-second of the process:');
  console.log(`  reading  ${read.toFixed(2)}; kafkajs ${median(figures['read-kafkajs']!).toFixed(3)}; ${readTimes.toFixed(1)} times; the goal of ${LEAST_READ} and ${LEAST_READ_TIMES} times is ${verdict(read >= LEAST_READ && readTimes >= LEAST_READ_TIMES)}`);
  console.log(`  writing  ${write.toFixed(2)}; kafkajs ${median(figures['write-kafkajs']!).toFixed(3)}; ${writeTimes.toFixed(1)} times; the goal of ${LEAST_WRITE} is ${verdict(write >= LEAST_WRITE)}`);
} finally {
  // The broker ends with its input, also when this process is killed.
  broker.stdin.end();
  await once(broker, 'exit');
}
