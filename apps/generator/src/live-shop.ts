import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Timestamp } from '@weir/model';
import type { Log } from '@weir/connector-api';
import type { Order } from '@weir/pipelines';
import { RecordWalker } from '@weir/record-batch';
import { delayOf } from './disorder.ts';
import { ORDERS, OrderLog, PARTITIONS, ensureOrderTopics } from './order-log.ts';
import { seeded } from './seeded.ts';

export interface LiveShopOptions {
  readonly log: Log;
  /** Real lines, to draw whole invoices from. */
  readonly orders: readonly Order[];
  readonly seed: number;
  /** Lines per second of wall time. */
  readonly rate: number;
  /** Shop time per wall time. */
  readonly speed: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TURN_MILLISECONDS = 200;
/** After a pause (a laptop that slept) the shop goes on from now instead of making up for it all at once. */
const LONGEST_TURN_MILLISECONDS = 2_000;
/** Lines of a batch; a turn usually cuts it earlier. */
const RECORDS_OF_BATCH = 1_000;

interface Delayed {
  readonly order: Order;
  readonly arrival: Timestamp;
}

/**
 * A shop that goes on where the log ends: whole invoices, drawn from the real ones by the seed, with the disorder of the load. The
 * newest record of the log tells the shop's time and the number of the next line, so a second start goes on, too.
 */
export async function runLiveShop({ log, orders, seed, rate, speed, clock, signal }: LiveShopOptions): Promise<void> {
  await ensureOrderTopics(log);
  const invoices = [...Map.groupBy(orders, ({ invoice }) => invoice).values()];
  const shop = await OrderLog.open(log, 'live-shop', RECORDS_OF_BATCH);
  const started = await newestArrival(log);
  let sequence = shop.newestSequence + 1;
  let invoice = sequence;
  let shopTime = started;
  let owed = 0;
  let before = clock.now();
  let delayed: Delayed[] = [];
  while (!signal.aborted) {
    await sleep(TURN_MILLISECONDS);
    const now = clock.now();
    const elapsed = Math.max(0, Math.min(LONGEST_TURN_MILLISECONDS, now - before));
    before = now;
    owed += (elapsed * rate) / 1000;
    const span = elapsed * speed;
    while (owed > 0) {
      const lines = invoices[Math.floor(seeded(seed, invoice, 2) * invoices.length)]!;
      const placedAt = shopTime + Math.floor(seeded(seed, invoice, 3) * span);
      for (const [i, line] of lines.entries()) {
        const number = orders.length + invoice + i;
        const order = { ...line, invoice: `${line.units < 0 ? 'C' : ''}L${invoice}`, line: number, placedAt };
        delayed.push({ order, arrival: placedAt + delayOf(seed, number) });
      }
      invoice += lines.length;
      owed -= lines.length;
    }
    shopTime += span;
    const due = delayed.filter(({ arrival }) => arrival <= shopTime).sort((a, b) => a.arrival - b.arrival || a.order.line - b.order.line);
    delayed = delayed.filter(({ arrival }) => arrival > shopTime);
    for (const { order, arrival } of due) await shop.place(order, arrival, sequence++);
    await shop.flush();
  }
}

/** Log time of the newest record of topic `orders`. */
async function newestArrival(log: Log): Promise<Timestamp> {
  const reader = await log.reader(ORDERS);
  const walker = new RecordWalker();
  let newest = Number.NEGATIVE_INFINITY;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { highWatermark } = await reader.offsets(partition);
    if (highWatermark === 0) continue;
    const { bytes } = await reader.read(partition, highWatermark - 1, 1);
    walker.walk(bytes, highWatermark - 1, highWatermark);
    newest = Math.max(newest, walker.timestamps[0]!);
  }
  await reader.close();
  return newest === Number.NEGATIVE_INFINITY ? 0 : newest + 1;
}
