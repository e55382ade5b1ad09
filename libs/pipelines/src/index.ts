import { bestSellers } from './best-sellers.ts';
import { revenueByCountry } from './revenue-by-country.ts';
import { shoppingSessions } from './shopping-sessions.ts';

export { BestSellers } from './best-sellers.ts';
export { nexmarkQueries } from './nexmark/queries.ts';
export { NexmarkAuction, NexmarkBid, NexmarkPerson, NexmarkSide } from './nexmark/records.ts';
export { Order, OrderCancellation } from './order.ts';
export { CardAlarm, cardFraud } from './card-fraud.ts';
export { Charge } from './charge.ts';
export { Click } from './click.ts';
export { CustomerChange, Sale } from './customer.ts';
export { DeviceAlarm, DeviceDay, deviceWatch } from './device-watch.ts';
export { Exposure, exposure } from './exposure.ts';
export { Payment, PlacedOrder } from './payment.ts';
export { Reading } from './reading.ts';
export { SaleWithCustomer, salesByTier } from './sales-by-tier.ts';
export { Trade } from './trade.ts';
export { PaidOrder, unpaidOrders } from './unpaid-orders.ts';
export { Interest, Visit, visits } from './visits.ts';
export { RevenueByCountry } from './revenue-by-country.ts';
export { ShoppingSessions } from './shopping-sessions.ts';
export { bestSellers, revenueByCountry, shoppingSessions };

/** The pipelines that come with Weir; all read topic `orders`. */
export const referencePipelines = [revenueByCountry, bestSellers, shoppingSessions] as const;
