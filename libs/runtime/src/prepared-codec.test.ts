import type { Codec } from '@weir/connector-api';
import { invariant } from '@weir/model';
import { describe, expect, it } from 'vitest';
import { World, killed } from './fixtures/live-shop.ts';
import { HOUR, appendSales, hourly, sale, saleCodec } from './fixtures/small-shop.ts';
import { Table, TableSink } from './fixtures/table-sink.ts';
import { replayTrack } from './replay-track.ts';
import { replay } from './replay.ts';
import { readTrack } from './track.ts';

const T0 = Date.UTC(2024, 0, 1);

/** Sales whose decoder must have been asked for the very records, and waited for, before it decodes them. */
const slowCodec: Codec = {
  ...saleCodec,
  decoder(options) {
    const decoder = saleCodec.decoder(options);
    let ready = '';
    return {
      async prepare(bytes, from, to) {
        await new Promise(setImmediate);
        ready = `${bytes.length} ${from} ${to}`;
      },
      decode(bytes, source, partition, from, to) {
        invariant(ready === `${bytes.length} ${from} ${to}`, 'the records were prepared');
        ready = '';
        return decoder.decode(bytes, source, partition, from, to);
      },
    };
  },
};

describe('a decoder that has to fetch something first', () => {
  it('is waited for by a live job, by its recovery, by a replay and by one of its track', async () => {
    const world = new World([hourly], 1);
    for (let i = 0; i < 12; i++) appendSales(world.log, 'sales', 0, [sale('north', T0 + i * HOUR), sale('south', T0 + i * HOUR, 7)]);
    const sources = { sales: { reader: await world.log.reader('sales'), codec: slowCodec } };
    const slow = { sources, stepBytes: 1, turnMilliseconds: 0 };
    const { job } = await world.attempt(slow);
    let reads = 0;
    world.log.beforeCall = (call) => {
      if (call === 'read' && ++reads === 8) throw killed();
    };
    await expect(job.run()).rejects.toMatchObject({ code: 'TEST_KILLED' });
    world.log.beforeCall = () => undefined;
    const steps = [...readTrack('/jobs/hourly/track-0.bin', ['sales'], world.files)];
    expect(steps.some(({ kind }) => kind === 'records')).toBe(true);
    expect((await world.runToEnd(slow)).state('hourly').books.records).toBe(24);

    const sink = new TableSink(new Table());
    const { books } = await replay({ topology: hourly, sources, sinks: { turnover: sink, late: new TableSink(new Table()) }, range: { sales: [{ from: 0, to: 24 }] } });
    expect(books.records).toBe(24);
    const sinks = { turnover: new TableSink(new Table()), late: new TableSink(new Table()) };
    expect((await replayTrack({ topology: hourly, sources, sinks, steps })).books.records).toBeGreaterThan(0);
  });
});
