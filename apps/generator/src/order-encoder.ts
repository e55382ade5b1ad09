import type { Timestamp } from '@weir/model';
import { NO_TEXT } from './retail-lines.ts';
import type { RetailLines } from './retail-lines.ts';

/** What tells one order line from the one that it was drawn from. */
export interface PlacedLine {
  /** Number of the real line. */
  readonly source: number;
  readonly invoice: string;
  /** Number of this line: its identity. */
  readonly line: number;
  readonly placedAt: Timestamp;
}

/** Writes lines as the values of records. */
export interface LineEncoder {
  /** The value of a record of topic `orders`; valid until the next call. */
  order(line: PlacedLine): Uint8Array;
  /** The value of a record of topic `order-cancellations`, for a line that takes something back; valid until the next call. */
  cancellation(line: PlacedLine): Uint8Array;
}

const UTF8 = new TextEncoder();
/** More than any line of the file takes as JSON. */
const LARGEST_VALUE_BYTES = 4_096;

/** Writes lines as JSON, field by field in the order of the schemas. Texts come in quotes once for all lines that have them. */
export class OrderEncoder implements LineEncoder {
  readonly #lines: RetailLines;
  readonly #quoted: readonly string[];
  readonly #scratch = new Uint8Array(LARGEST_VALUE_BYTES);

  constructor(lines: RetailLines) {
    this.#lines = lines;
    this.#quoted = lines.texts.map((text) => JSON.stringify(text));
  }

  order({ source, invoice, line, placedAt }: PlacedLine): Uint8Array {
    const { products, descriptions, units, cents, countries } = this.#lines;
    const product = this.#quoted[products[source]!]!;
    const description = this.#optional(descriptions[source]!);
    const head = `{"invoice":${JSON.stringify(invoice)},"line":${line},"product":${product},"description":${description},"units":${units[source]!},"cents":${cents[source]!}`;
    return this.#bytes(`${head},"placedAt":${placedAt},"customer":${this.#customer(source)},"country":${this.#quoted[countries[source]!]!}}`);
  }

  cancellation({ source, invoice, line, placedAt }: PlacedLine): Uint8Array {
    const { products, units, cents, countries } = this.#lines;
    const head = `{"invoice":${JSON.stringify(invoice)},"line":${line},"product":${this.#quoted[products[source]!]!},"units":${-units[source]!},"cents":${cents[source]!}`;
    return this.#bytes(`${head},"cancelledAt":${placedAt},"customer":${this.#customer(source)},"country":${this.#quoted[countries[source]!]!}}`);
  }

  #customer(source: number): string {
    return this.#optional(this.#lines.customers[source]!);
  }

  #optional(text: number): string {
    return text === NO_TEXT ? 'null' : this.#quoted[text]!;
  }

  #bytes(json: string): Uint8Array {
    return this.#scratch.subarray(0, UTF8.encodeInto(json, this.#scratch).written);
  }
}
