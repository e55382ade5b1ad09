import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@weir/connector-api';
import { invariant } from '@weir/model';
import type { Clock, Timestamp } from '@weir/model';
import { LONGEST_DELAY, delayOf } from './disorder.ts';
import { Invoices } from './invoices.ts';
import { OrderLog, ensureOrderTopics } from './order-log.ts';
import type { RecordWriter } from './record-writer.ts';
import type { RetailLines } from './retail-lines.ts';
import { jsonFormat } from './shop-format.ts';
import type { ShopFormat } from './shop-format.ts';
import { seeded } from './seeded.ts';
import { newestArrival } from './shop-time.ts';

export interface LiveShopOptions {
  readonly log: Log;
  /** Default: that of the log. */
  readonly writer?: RecordWriter;
  /** Real lines, to draw whole invoices from. */
  readonly lines: RetailLines;
  readonly seed: number;
  /** Default JSON. */
  readonly format?: ShopFormat;
  /** Lines per second of wall time, on average. */
  readonly rate: number;
  /** Shop time per wall time. */
  readonly speed: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Hears how many lines have been placed since the start, after each turn. */
  readonly onPlaced?: (lines: number) => void;
  /** Pause between two appends; default 200. */
  readonly turnMilliseconds?: number;
}

const TURN_MILLISECONDS = 200;
/** After a pause (a laptop that slept) the shop goes on from now instead of making up for it all at once. */
const LONGEST_TURN_MILLISECONDS = 2_000;
/** Numbers that one invoice takes; the largest has 1,114 lines. */
const NUMBERS_OF_INVOICE = 2_048;
const SALT_OF_DRAWING = 2;

/**
 * A shop that goes on where the log ends: whole invoices, drawn from the real ones, each of them as late as the disorder has it. What
 * invoice n holds depends on the seed and n alone, and how far it moves the shop's time on rate and speed, so that a second start
 * continues as if there had been no end. The newest sequence in the log is n, its newest order tells the time.
 */
export async function runLiveShop(options: LiveShopOptions): Promise<void> {
  const { log, lines, seed, rate, clock, signal, format = jsonFormat } = options;
  await ensureOrderTopics(log);
  const invoices = new Invoices(lines);
  const orderLog = await OrderLog.open(options.writer ?? (await log.writer()), 'live-shop', lines, format);
  let shopTime = (await newestArrival(log, format.orders)) ?? lines.placedAt[lines.length - 1]! + LONGEST_DELAY;
  let invoice = orderLog.newestSequence + 1;
  let owed = 0;
  let placed = 0;
  let before = clock.now();
  while (!signal.aborted) {
    await sleep(options.turnMilliseconds ?? TURN_MILLISECONDS);
    const now = clock.now();
    owed += (Math.max(0, Math.min(LONGEST_TURN_MILLISECONDS, now - before)) * rate) / 1_000;
    before = now;
    while (owed > 0) {
      const members = invoices.linesOf(Math.floor(seeded(seed, invoice, SALT_OF_DRAWING) * invoices.count));
      shopTime += Math.max(1, Math.round((members.length * 1_000 * options.speed) / rate));
      placeInvoice(orderLog, lines, members, invoice, shopTime, delayOf(seed, lines.length + invoice));
      owed -= members.length;
      placed += members.length;
      invoice++;
    }
    await orderLog.flush();
    options.onPlaced?.(placed);
  }
  await orderLog.close();
}

function placeInvoice(orderLog: OrderLog, lines: RetailLines, members: Int32Array, invoice: number, arrival: Timestamp, delay: number): void {
  invariant(members.length <= NUMBERS_OF_INVOICE, 'the lines of an invoice have numbers of their own');
  const isCancelled = lines.texts[lines.invoices[members[0]!]!]!.startsWith('C');
  for (let i = 0; i < members.length; i++) {
    const line = lines.length + invoice * NUMBERS_OF_INVOICE + i;
    orderLog.place({ source: members[i]!, invoice: `${isCancelled ? 'C' : ''}L${invoice}`, line, placedAt: arrival - delay }, arrival, invoice);
  }
}
