import type { Codec } from '@weir/connector-api';
import type { Order, OrderCancellation } from '@weir/pipelines';
import type { LineEncoder, PlacedLine } from './order-encoder.ts';
import { NO_TEXT } from './retail-lines.ts';
import type { RetailLines } from './retail-lines.ts';

/** Writes lines by codecs, in whatever format those have. */
export class RowEncoder implements LineEncoder {
  readonly #lines: RetailLines;
  readonly #orders: Codec<Order>;
  readonly #cancellations: Codec<OrderCancellation>;

  constructor(lines: RetailLines, orders: Codec<Order>, cancellations: Codec<OrderCancellation>) {
    this.#lines = lines;
    this.#orders = orders;
    this.#cancellations = cancellations;
  }

  order({ source, invoice, line, placedAt }: PlacedLine): Uint8Array {
    const { texts, products, descriptions, units, cents, customers, countries } = this.#lines;
    return this.#orders.encode({
      invoice, line, placedAt,
      product: texts[products[source]!]!,
      description: this.#optional(descriptions[source]!),
      units: units[source]!,
      cents: cents[source]!,
      customer: this.#optional(customers[source]!),
      country: texts[countries[source]!]!,
    });
  }

  cancellation({ source, invoice, line, placedAt }: PlacedLine): Uint8Array {
    const { texts, products, units, cents, customers, countries } = this.#lines;
    return this.#cancellations.encode({
      invoice, line,
      product: texts[products[source]!]!,
      units: -units[source]!,
      cents: cents[source]!,
      cancelledAt: placedAt,
      customer: this.#optional(customers[source]!),
      country: texts[countries[source]!]!,
    });
  }

  #optional(text: number): string | null {
    return text === NO_TEXT ? null : this.#lines.texts[text]!;
  }
}
