import type { LogReader } from '@weir/connector-api';
import { describe, expect, it } from 'vitest';
import { World } from './fixtures/live-shop.ts';
import { HOUR, appendSales, hourly, sale, saleCodec } from './fixtures/small-shop.ts';

const T0 = Date.UTC(2024, 0, 1);

/** Says of which partitions there is more, as often as it is asked, and of what it was asked. */
class Telling implements LogReader {
  readonly topic: string;
  readonly partitions: number;
  readonly asked: { readonly partitions: readonly number[]; readonly milliseconds: number }[] = [];
  readonly reads: number[] = [];
  readonly #reader: LogReader;
  readonly #positions = new Map<number, number>();

  constructor(reader: LogReader) {
    this.#reader = reader;
    this.topic = reader.topic;
    this.partitions = reader.partitions;
  }

  async read(partition: number, offset: number, maxBytes: number): ReturnType<LogReader['read']> {
    this.reads.push(partition);
    const fetch = await this.#reader.read(partition, offset, maxBytes);
    this.#positions.set(partition, fetch.highWatermark);
    return fetch;
  }

  async wait(partitions: readonly number[], milliseconds: number): Promise<readonly number[]> {
    this.asked.push({ partitions, milliseconds });
    if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const ends = await Promise.all(partitions.map((partition) => this.offsets(partition)));
    return partitions.filter((partition, index) => ends[index]!.highWatermark > (this.#positions.get(partition) ?? 0));
  }

  offsets(partition: number): ReturnType<LogReader['offsets']> {
    return this.#reader.offsets(partition);
  }

  offsetFor(partition: number, timestamp: number): Promise<number> {
    return this.#reader.offsetFor(partition, timestamp);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

describe('a live job over a log that tells when there is more', () => {
  it('reads what it is told of and nothing else, and loses nothing', async () => {
    const world = new World([hourly], 3);
    for (const partition of [0, 1, 2]) appendSales(world.log, 'sales', partition, [sale('north', T0 + partition)]);
    const reader = new Telling(await world.log.reader('sales'));
    const { job } = await world.attempt({ sources: { sales: { reader, codec: saleCodec } } });
    const running = job.run();
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    // Appended while it waits: to one partition first, and then to the others, so that the watermark passes the hour.
    await until(() => reader.asked.length > 3);
    appendSales(world.log, 'sales', 1, [sale('north', T0 + 20 * HOUR)]);
    for (const partition of [0, 2]) appendSales(world.log, 'sales', partition, [sale('north', T0 + 20 * HOUR)]);
    await until(() => job.state('hourly').books.records === 6);
    job.stop();
    await running;
    expect(JSON.parse(world.table(hourly).closed()[`north ${T0} ${T0 + HOUR}`]!)).toMatchObject({ sales: 3 });
    expect(reader.asked[0]).toMatchObject({ partitions: [0, 1, 2] });
    // Each partition once or twice for each of its two batches, never once for each turn.
    expect(reader.reads.length).toBeLessThanOrEqual(12);
    for (const { milliseconds } of reader.asked) expect(milliseconds).toBeLessThanOrEqual(50);
  });
});
