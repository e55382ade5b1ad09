import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '@weir/connector-api';
import type { Order } from '@weir/pipelines';
import { delayOf } from './disorder.ts';
import { OrderLog, ensureOrderTopics } from './order-log.ts';

/** The seed of the disorder, unless another is asked for. A data directory has to keep to one. */
export const DEFAULT_SEED = 20_101_201;

const RECORDS_OF_BATCH = 1_000;
const PROGRESS_EVERY = 10_000;

export interface LoadProgress {
  readonly done: number;
  readonly total: number;
}

/** Order lines as they arrive: each `delay` behind its time; equal arrivals in the order of the file. */
export function arrivals(orders: readonly Order[], seed: number): readonly { readonly order: Order; readonly arrival: number }[] {
  return orders.map((order) => ({ order, arrival: order.placedAt + delayOf(seed, order.line) })).sort((a, b) => a.arrival - b.arrival || a.order.line - b.order.line);
}

/** Loads the data set into the log, once: what is there already stays, and a load that was broken off goes on where it was. */
export async function load(log: Log, orders: readonly Order[], seed: number, onProgress: (progress: LoadProgress) => void): Promise<void> {
  await ensureOrderTopics(log);
  const shop = await OrderLog.open(log, 'retail-load', RECORDS_OF_BATCH);
  const total = orders.length;
  let done = 0;
  for (const { order, arrival } of arrivals(orders, seed)) {
    await shop.place(order, arrival, done);
    if (++done % PROGRESS_EVERY === 0) {
      onProgress({ done, total });
      await nextTurn();
    }
  }
  await shop.flush();
  onProgress({ done, total });
}
