import type { RetailLines } from './retail-lines.ts';

/** The lines of each invoice, in the order of the file. */
export class Invoices {
  /** Line numbers, invoice by invoice. */
  readonly #members: Int32Array;
  /** Where each invoice begins in `members`; one more at the end. */
  readonly #starts: Int32Array;

  constructor({ length, texts, invoices }: RetailLines) {
    const ordinals = new Int32Array(texts.length).fill(-1);
    const sizes: number[] = [];
    for (let line = 0; line < length; line++) {
      const invoice = invoices[line]!;
      if (ordinals[invoice] === -1) ordinals[invoice] = sizes.push(0) - 1;
      sizes[ordinals[invoice]!]!++;
    }
    this.#starts = new Int32Array(sizes.length + 1);
    for (const [ordinal, size] of sizes.entries()) this.#starts[ordinal + 1] = this.#starts[ordinal]! + size;
    this.#members = new Int32Array(length);
    const next = this.#starts.slice();
    for (let line = 0; line < length; line++) this.#members[next[ordinals[invoices[line]!]!]!++] = line;
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  /** Line numbers of an invoice, 0 to count - 1. */
  linesOf(invoice: number): Int32Array {
    return this.#members.subarray(this.#starts[invoice], this.#starts[invoice + 1]);
  }
}
