import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { delayOf } from './disorder.ts';
import { hasRecords } from './has-records.ts';
import { OrderLog, ensureOrderTopics } from './order-log.ts';
import type { RecordWriter } from './record-writer.ts';
import type { RetailLines } from './retail-lines.ts';
import type { ShopFormat } from './shop-format.ts';
import { ORDERS } from './topics.ts';

/** The seed of the disorder, unless another is asked for. A data directory has to keep to one. */
export const DEFAULT_SEED = 20_101_201;

/** Lines of one transaction; a second start goes on after a whole one. */
const LINES_OF_TRANSACTION = 16_000;

export interface LoadProgress {
  /** Lines in the log. */
  readonly done: number;
  readonly total: number;
}

export interface LoadOptions {
  readonly log: Log;
  /** Default: that of the log. */
  readonly writer?: RecordWriter;
  readonly lines: RetailLines;
  readonly seed: number;
  /** Default JSON. */
  readonly format?: ShopFormat;
  /** Lines to load, in their order of arrival; default all. */
  readonly most?: number;
  /** Ends the load after the present transaction; a later one goes on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** The lines in their order of arrival. */
export interface Arrivals {
  /** Numbers of the lines, first arrived first; equal arrivals in the order of the file. */
  readonly order: Int32Array;
  /** When each line arrives, by line number. */
  readonly times: Float64Array;
}

/** Each line arrives its delay behind its time; depends on the lines and the seed alone. */
export function arrivalsOf(lines: RetailLines, seed: number): Arrivals {
  const times = lines.placedAt.slice(0, lines.length);
  for (let line = 0; line < lines.length; line++) times[line]! += delayOf(seed, line);
  const order = Int32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]! || a - b);
  return { order, times };
}

/**
 * Loads the data set into the log, once: what is there already stays, and a load that was broken off goes on where it was. Answers how
 * many lines it has added. Throws GENERATOR_LOG_NOT_EMPTY.
 */
export async function load({ log, writer, lines, seed, format, most = lines.length, signal, onProgress = () => undefined }: LoadOptions): Promise<number> {
  await ensureOrderTopics(log);
  const shop = await OrderLog.open(writer ?? (await log.writer()), `retail-load-${seed}`, lines, format);
  const total = Math.min(most, lines.length);
  const first = shop.newestSequence + 1;
  if (first === 0) await refuseOthers(log);
  onProgress({ done: first, total });
  if (first >= total) return 0;
  const { order, times } = arrivalsOf(lines, seed);
  let done = first;
  while (done < total && signal?.aborted !== true) {
    const end = Math.min(total, (Math.floor(done / LINES_OF_TRANSACTION) + 1) * LINES_OF_TRANSACTION);
    for (; done < end; done++) {
      const line = order[done]!;
      shop.place({ source: line, invoice: lines.texts[lines.invoices[line]!]!, line, placedAt: lines.placedAt[line]! }, times[line]!, done);
    }
    await shop.flush();
    onProgress({ done, total });
    // The log answers at once; signals and messages want a turn too.
    await nextTurn();
  }
  await shop.close();
  return done - first;
}

/** Loading under another seed would put every line in again. */
async function refuseOthers(log: Log): Promise<void> {
  if (!(await hasRecords(log, ORDERS))) return;
  throw new WeirError('GENERATOR_LOG_NOT_EMPTY', `Topic '${ORDERS}' already has records that are not of this load.`, {
    remedy: 'Use the seed of the first load, or another log.',
  });
}
