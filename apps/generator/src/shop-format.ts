import { json } from '@weir/codecs';
import type { Codec } from '@weir/connector-api';
import { Order, OrderCancellation } from '@weir/pipelines';
import { writingCodec } from '@weir/settings';
import type { CodecSettings } from '@weir/settings';
import { OrderEncoder } from './order-encoder.ts';
import type { LineEncoder } from './order-encoder.ts';
import { RowEncoder } from './row-encoder.ts';
import { CANCELLATIONS, ORDERS } from './topics.ts';
import type { RetailLines } from './retail-lines.ts';

/** In which format the shop writes, and reads what it has written. */
export interface ShopFormat {
  readonly orders: Codec<Order>;
  encoder(lines: RetailLines): LineEncoder;
}

/** JSON, written from texts that are quoted once for all lines that have them. */
export const jsonFormat: ShopFormat = { orders: json(Order), encoder: (lines) => new OrderEncoder(lines) };

/** The format that was chosen; with a registry its schemas are registered first. Throws as `writingCodec` does. */
export async function shopFormat(settings: CodecSettings): Promise<ShopFormat> {
  const orders = await writingCodec(settings, { topic: ORDERS, schema: Order });
  const cancellations = await writingCodec(settings, { topic: CANCELLATIONS, schema: OrderCancellation });
  return settings.codec === 'json' ? jsonFormat : { orders, encoder: (lines) => new RowEncoder(lines, orders, cancellations) };
}
