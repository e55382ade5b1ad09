import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { boolean, float, int, nullable, record, string, timestamp } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { avro, csv, json, protobuf } from './index.ts';
import { recordsOf } from './twin-agreement.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const schema = record('Sample', { id: int(), price: float(), name: string(), note: nullable(string()), at: timestamp(), paid: boolean() });
const RECORDS = 2_000;
const BATCHES = 40;
const ROUNDS = 6;
/** A batch object, its origin, a view of the bytes and the like; 16 bytes for each record would be 32,000. */
const BYTES_PER_BATCH = 4_000;

describe.each([['json', json(schema)], ['avro', avro(schema)], ['protobuf', protobuf(schema)], ['csv', csv(schema)]])('decoding %s', (_, codec) => {
  it('allocates nothing for a record', () => {
    const values = Array.from({ length: RECORDS }, (_, i) =>
      codec.encode({ id: i * 1_000_003, price: i / 8, name: `name ${i % 100}`, note: i % 3 === 0 ? null : `a "note" ${i % 50}`, at: 1_700_000_000_000 + i, paid: i % 2 === 0 }),
    );
    const bytes = recordsOf(values);
    const decoder = codec.decoder();
    const read = (): number => {
      const { batch, rejections } = decoder.decode(bytes, 'samples', 0, 0, RECORDS);
      return rejections.length + batch.symbols('name').ids.length + batch.symbols('note').ids.length + batch.numbers('at').length;
    };
    expect(decoder.decode(bytes, 'samples', 0, 0, RECORDS).batch.length).toBe(RECORDS);
    let least = Number.POSITIVE_INFINITY;
    // The code is optimized aside, and on a busy machine late: one round without garbage shows that it makes none.
    for (let round = 0; round < ROUNDS; round++) {
      collect();
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < BATCHES; i++) read();
      // No collection in between: what was allocated is still counted.
      least = Math.min(least, (process.memoryUsage().heapUsed - before) / BATCHES);
    }
    expect(least).toBeLessThan(BYTES_PER_BATCH);
  });
});
