import { hours } from '@weir/model';
import { hopping, topN } from '@weir/operators';
import { json, record, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { Order } from './order.ts';
import { corrected, whenPlaced } from './placed.ts';

/** The ten products of which most units were ordered in a day; a new day ends every hour. */
export const BestSellers = record('BestSellers', {
  /** End of the day, exclusive. */
  windowEnd: timestamp(),
  /** Most units first; equal ones by product. */
  top: json<readonly { readonly product: string; readonly units: number }[]>(),
});
export type BestSellers = Infer<typeof BestSellers>;

/** The ten best-selling products of the last 24 hours, hour by hour. */
export const bestSellers = pipeline(
  { name: 'best-sellers', sources: { orders: Order }, sinks: { ranking: BestSellers, late: Order } },
  ({ orders }, sinks) => {
    const { results, late } = orders
      .withEventTime(whenPlaced)
      .filter((order) => order.units > 0)
      .keyBy(() => 'all')
      .window(hopping(hours(24), hours(1)), corrected)
      .aggregate('ranking', { top: topN({ n: 10, item: 'product', by: 'units' }) });

    results
      .map(({ window, value }) => ({ windowEnd: window.end, top: value.top.map(({ item, total }) => ({ product: item, units: total })) }))
      .to(sinks.ranking);
    late.to(sinks.late);
  },
);
