import { deepStrictEqual, strictEqual } from 'node:assert';
import type { Log } from '@weir/connector-api';
import fc from 'fast-check';
import { batchOf, readAll, recordsIn } from './logged-records.ts';

/** The log keeps what earlier runs left in it, so that a smaller case would be another one, and looking for it takes ever longer. */
const RUNS = { numRuns: 30, endOnFailure: true };
const PARTITIONS = 2;

const times = fc.array(fc.integer({ min: -5, max: 20 }), { minLength: 1, maxLength: 6 });
const act = fc.oneof(
  fc.record({ appends: fc.array(fc.record({ partition: fc.nat({ max: PARTITIONS - 1 }), times }), { minLength: 1, maxLength: 4 }) }),
  fc.record({ partition: fc.nat({ max: PARTITIONS - 1 }), at: fc.double({ min: 0, max: 1, noNaN: true }), maxBytes: fc.constantFrom(0, 200, 1e6) }),
);

/** Appends and reads at random and compares with arrays. The log has the topic 'topic' with two partitions, and keeps what it is given. */
export async function logMatchesModel(log: Log): Promise<void> {
  const [writer, reader] = [await log.writer(), await log.reader('topic')];
  const model: number[][] = Array.from({ length: PARTITIONS }, () => []);
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
      for (const each of acts) {
        if ('appends' in each) {
          const bases = each.appends.map(({ partition, times: added }) => {
            const base = model[partition]!.length;
            model[partition]!.push(...added);
            return base;
          });
          deepStrictEqual(await writer.append(each.appends.map(({ partition, times: added }) => ({ topic: 'topic', partition, batch: batchOf(added) }))), bases);
        } else {
          const expected = model[each.partition]!;
          const from = Math.floor(each.at * expected.length);
          const { bytes, highWatermark } = await reader.read(each.partition, from, each.maxBytes);
          strictEqual(highWatermark, expected.length);
          const got = recordsIn(bytes, from);
          deepStrictEqual(got.map(({ offset, timestamp }) => [offset, timestamp]), expected.slice(from, from + got.length).map((timestamp, i) => [from + i, timestamp]));
          strictEqual(got.length > 0, from < expected.length);
        }
      }
      for (const [partition, expected] of model.entries()) deepStrictEqual((await readAll(reader, partition)).map(({ timestamp }) => timestamp), expected);
    }),
    RUNS,
  );
}

/** Looks up times in partitions of random batches and compares with a search from the front. */
export async function offsetForMatchesModel(log: Log, leastTime: number): Promise<void> {
  const writer = await log.writer();
  let topics = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(times.map((all) => all.map((time) => Math.max(time, leastTime))), { maxLength: 12 }), async (batches) => {
      const topic = `times-${topics++}`;
      await log.ensureTopic(topic, { partitions: 1 });
      await writer.append(batches.map((added) => ({ topic, partition: 0, batch: batchOf(added) })));
      const reader = await log.reader(topic);
      const all = batches.flat();
      for (let timestamp = Math.max(-6, leastTime); timestamp <= 21; timestamp++) {
        const first = all.findIndex((time) => time >= timestamp);
        strictEqual(await reader.offsetFor(0, timestamp), first < 0 ? all.length : first, `the first record at ${timestamp} or later`);
      }
    }),
    RUNS,
  );
}
