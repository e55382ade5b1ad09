import { hours, minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, every } from '@weir/operators';
import type { EventTimeOptions, WindowOptions } from '@weir/topology';
import type { Order } from './order.ts';

/** When an order was placed: the event time that every reference pipeline goes by. */
export const whenPlaced: EventTimeOptions<Order> = {
  timestamp: 'placedAt',
  watermark: boundedOutOfOrderness(minutes(5)),
  idleAfter: seconds(30),
};

/** How the reference pipelines fire: provisional numbers every ten seconds, corrections for an hour. */
export const corrected: WindowOptions = {
  allowedLateness: hours(1),
  trigger: afterWatermark({ early: every(seconds(10)) }),
  accumulation: 'accumulating',
};
