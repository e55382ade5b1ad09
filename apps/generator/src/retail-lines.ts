import { invariant } from '@weir/model';
import type { Timestamp } from '@weir/model';

/** What stands where a text is missing. */
export const NO_TEXT = -1;

/** Order lines as columns, by line number, which is the order of the file and of time. Texts are numbers into `texts`. */
export interface RetailLines {
  readonly length: number;
  /** Every distinct text once. */
  readonly texts: readonly string[];
  readonly invoices: Int32Array;
  readonly products: Int32Array;
  /** NO_TEXT where there is none. */
  readonly descriptions: Int32Array;
  readonly units: Int32Array;
  /** Units times price, exact. */
  readonly cents: Float64Array;
  readonly placedAt: Float64Array;
  /** NO_TEXT for a guest. */
  readonly customers: Int32Array;
  readonly countries: Int32Array;
}

/** One line as it is read from the file. */
export interface RetailLine {
  readonly invoice: string;
  readonly product: string;
  readonly description: string;
  readonly units: number;
  readonly cents: number;
  readonly placedAt: Timestamp;
  readonly customer: string;
  readonly country: string;
}

/** Collects lines into columns; empty descriptions and customers become NO_TEXT. */
export class RetailLinesBuilder {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #columns: Omit<RetailLines, 'length' | 'texts'>;
  readonly #capacity: number;
  #length = 0;

  constructor(capacity: number) {
    const ints = (): Int32Array => new Int32Array(capacity);
    const floats = (): Float64Array => new Float64Array(capacity);
    this.#capacity = capacity;
    this.#columns = { invoices: ints(), products: ints(), descriptions: ints(), units: ints(), cents: floats(), placedAt: floats(), customers: ints(), countries: ints() };
  }

  add(line: RetailLine): void {
    invariant(this.#length < this.#capacity, 'there is room for every line of the file');
    const at = this.#length++;
    const { invoices, products, descriptions, units, cents, placedAt, customers, countries } = this.#columns;
    invoices[at] = this.#number(line.invoice);
    products[at] = this.#number(line.product);
    descriptions[at] = this.#optional(line.description);
    units[at] = line.units;
    cents[at] = line.cents;
    placedAt[at] = line.placedAt;
    customers[at] = this.#optional(line.customer);
    countries[at] = this.#number(line.country);
  }

  build(): RetailLines {
    return { length: this.#length, texts: this.#texts, ...this.#columns };
  }

  #optional(text: string): number {
    return text === '' ? NO_TEXT : this.#number(text);
  }

  #number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    // A copy: a slice would keep the whole file in memory.
    const copy = Buffer.from(text).toString();
    const number = this.#texts.push(copy) - 1;
    this.#numbers.set(copy, number);
    return number;
  }
}
