import { json } from '@weir/codecs';
import type { Codec, DecoderOptions, LogReader } from '@weir/connector-api';
import { minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, sum, tumbling } from '@weir/operators';
import { RecordBatchBuilder } from '@weir/record-batch';
import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import type { Topology } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { MemoryLog } from './fixtures/memory-log.ts';
import { Table, TableSink } from './fixtures/table-sink.ts';
import { replayTogether } from './replay.ts';
import { SourceDecoders } from './source-decoders.ts';

const Sale = record('Sale', { shop: string(), cents: int(), clerk: string(), at: timestamp() });
const Turnover = record('Turnover', { key: string(), cents: int() });
const time = { timestamp: 'at', watermark: boundedOutOfOrderness(seconds(5)) } as const;
const options = { allowedLateness: minutes(0), trigger: afterWatermark(), accumulation: 'accumulating' } as const;

const turnover = pipeline({ name: 'turnover', sources: { sales: Sale }, sinks: { turnover: Turnover } }, ({ sales }, sinks) => {
  const { results, late } = sales.withEventTime(time).keyBy('shop').window(tumbling(minutes(1)), options).aggregate('sum', { cents: sum('cents') });
  results.map(({ key, value }) => ({ key, cents: value.cents })).to(sinks.turnover);
  late.discard('nobody asks');
});

/** Keeps whole rows when they are late. */
const byClerk = pipeline({ name: 'by-clerk', sources: { sales: Sale }, sinks: { turnover: Turnover, late: Sale } }, ({ sales }, sinks) => {
  const { results, late } = sales.withEventTime(time).keyBy('clerk').window(tumbling(minutes(1)), options).aggregate('count', { sales: count() });
  results.map(({ key, value }) => ({ key, cents: value.sales })).to(sinks.turnover);
  late.to(sinks.late);
});

const VALUES = ['{"shop":"a","cents":1,"clerk":"x","at":1}', '{"shop":"a","cents":2,"clerk":7,"at":2}', '{"shop":"b","cents":"3","clerk":"x","at":3}', '{"shop":"b","cents":4,"clerk":"y","at":4}'];

function recorded(): { readonly codec: Codec; readonly asked: (readonly string[] | undefined)[] } {
  const codec = json(Sale) as Codec;
  const asked: (readonly string[] | undefined)[] = [];
  return {
    asked,
    codec: {
      ...codec,
      decoder: (options?: DecoderOptions) => {
        asked.push(options?.projection);
        return codec.decoder(options);
      },
    },
  };
}

async function salesReader(): Promise<LogReader> {
  const log = new MemoryLog();
  await log.ensureTopic('sales', { partitions: 1 });
  const builder = new RecordBatchBuilder();
  for (const value of VALUES) builder.append(1, null, Buffer.from(value));
  log.appendNow({ topic: 'sales', partition: 0, batch: builder.build() });
  return log.reader('sales');
}

/** Records and rejected ones of pipelines that are replayed side by side. */
async function booksOf(...topologies: readonly Topology[]): Promise<readonly unknown[]> {
  const sources = { sales: { reader: await salesReader(), codec: json(Sale) as Codec } };
  const pipelines = topologies.map((topology) => ({ topology, sinks: Object.fromEntries(Object.keys(topology.sinks).map((sink) => [sink, new TableSink(new Table())])) }));
  const results = await replayTogether({ pipelines, sources, range: { sales: [{ from: 0, to: VALUES.length }] }, isComplete: true });
  return results.map(({ books: { records, counted, deadLettered } }) => ({ records, counted, deadLettered }));
}

describe('the decoders of pipelines that run side by side', () => {
  it('decode the fields that are read, and are shared where those are the same', async () => {
    const { codec, asked } = recorded();
    const decoders = new SourceDecoders([turnover, byClerk, turnover] as readonly Topology[], { sales: { reader: await salesReader(), codec } });
    expect(asked).toEqual([['shop', 'cents', 'at'], ['shop', 'cents', 'clerk', 'at']]);
    expect(decoders.of(0)['sales']).toBe(decoders.of(2)['sales']);
    expect(decoders.of(0)['sales']).not.toBe(decoders.of(1)['sales']);
    const { bytes } = await (await salesReader()).read(0, 0, 1_000_000);
    const decoded = await decoders.decode({ source: 'sales', partition: 0, from: 0, to: 4, bytes }, (pipeline) => pipeline > 0);
    expect(decoded.map((each) => each?.rejections.map(({ offset }) => offset))).toEqual([undefined, [1, 2], [2]]);
  });

  it('reject of a pipeline what it cannot read, whatever runs beside it', async () => {
    const [own, other] = [{ records: 4, counted: 3, deadLettered: 1 }, { records: 4, counted: 2, deadLettered: 2 }];
    expect(await booksOf(turnover as Topology)).toEqual([own]);
    expect(await booksOf(byClerk as Topology)).toEqual([other]);
    expect(await booksOf(turnover as Topology, byClerk as Topology)).toEqual([own, other]);
    expect(await booksOf(byClerk as Topology, turnover as Topology)).toEqual([other, own]);
  });
});
