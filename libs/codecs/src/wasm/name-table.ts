import type { Field, PhysicalType } from '@weir/schema';
import {
  KIND_BOOLEAN, KIND_FLOAT, KIND_INT, KIND_JSON, KIND_SKIP, KIND_STRING, MAX_NAMES, NAMES, NAME_BIT, NAME_BYTES, NAME_COLUMN, NAME_ENDS, NAME_KIND, NAME_LENGTH, NAME_NEXT, NAME_NULLABLE,
  NAME_TEXT, NAME_TEXT_AT, NAME_TEXT_BYTES,
} from './layout.ts';

const PIECE = 16;
const MAX_PROJECTED = 64;
const MAX_LEARNED_BYTES = 256;
const KINDS: Readonly<Record<PhysicalType, number>> = { string: KIND_STRING, int: KIND_INT, timestamp: KIND_INT, float: KIND_FLOAT, boolean: KIND_BOOLEAN, json: KIND_JSON };

/** Where the columns of a field are. */
export interface ColumnPlace {
  readonly column: number;
  readonly ends: number;
}

/** The names that the scanning program knows: those of the schema, and unknown ones as they turn up. Lives in the program's memory. */
export class NameTable {
  readonly #memory: { readonly buffer: ArrayBuffer };
  #count = 0;
  #textAt = NAME_TEXT;
  readonly #fieldCount: number;
  readonly #fieldTextEnd: number;

  /** `projected` tells the fields that have columns. */
  constructor(memory: { readonly buffer: ArrayBuffer }, fields: readonly Field[], names: readonly Uint8Array[], projected: ReadonlySet<Field>) {
    this.#memory = memory;
    const view = new DataView(memory.buffer);
    let bits = 0n;
    let nextBit = 1n;
    fields.forEach((field, i) => {
      const entry = this.#add(names[i]!);
      if (entry === undefined) return;
      const bit = projected.has(field) ? nextBit : 0n;
      if (bit !== 0n) {
        view.setInt32(entry + NAME_KIND, KINDS[field.type], true);
        bits |= bit;
        nextBit = BigInt.asUintN(64, bit << 1n);
      }
      view.setInt32(entry + NAME_NULLABLE, field.nullable ? 1 : 0, true);
      view.setBigUint64(entry + NAME_BIT, bit, true);
    });
    view.setBigUint64(NAMES + NAME_BIT, bits, true);
    this.#expectInOrder();
    this.#fieldCount = this.#count;
    this.#fieldTextEnd = this.#textAt;
    this.usable = fields.length > 0 && this.#count === fields.length && projected.size <= MAX_PROJECTED;
  }

  /** False when the schema is larger than the program can hold. */
  readonly usable: boolean;

  /**
   * Remembers a name that is not of the schema, so that it is passed over in place from now on. `name` as it is written, with its
   * closing quote. When there is no more room the names that were learned are forgotten: those that are still used come again.
   */
  learn(name: Uint8Array): void {
    if (!this.usable || name.length > MAX_LEARNED_BYTES) return;
    if (this.#add(name) !== undefined) return;
    this.#count = this.#fieldCount;
    this.#textAt = this.#fieldTextEnd;
    this.#expectInOrder();
    this.#add(name);
  }

  /** The columns have moved. */
  place(places: readonly (ColumnPlace | undefined)[]): void {
    if (!this.usable) return;
    const view = new DataView(this.#memory.buffer);
    places.forEach((place, i) => {
      if (place === undefined) return;
      const entry = NAMES + NAME_BYTES * (i + 1);
      view.setInt32(entry + NAME_COLUMN, place.column, true);
      view.setInt32(entry + NAME_ENDS, place.ends, true);
    });
  }

  /** Expects the entries one after the other, and behind the last one the first; the program learns better. */
  #expectInOrder(): void {
    const view = new DataView(this.#memory.buffer);
    const end = NAMES + NAME_BYTES * (this.#count + 1);
    for (let entry = NAMES; entry < end; entry += NAME_BYTES) {
      const next = entry + NAME_BYTES;
      view.setInt32(entry + NAME_NEXT, next < end ? next : NAMES + NAME_BYTES, true);
    }
    view.setInt32(NAMES + NAME_COLUMN, end, true);
  }

  /** A new entry behind the others, to be skipped; undefined when there is no room. */
  #add(name: Uint8Array): number | undefined {
    const length = name.length + 1;
    const pieces = Math.ceil(length / PIECE);
    if (this.#count + 1 >= MAX_NAMES || this.#textAt + pieces * 2 * PIECE > NAME_TEXT + NAME_TEXT_BYTES) return undefined;
    const entry = NAMES + NAME_BYTES * ++this.#count;
    const view = new DataView(this.#memory.buffer);
    view.setInt32(entry + NAME_TEXT_AT, this.#textAt, true);
    view.setInt32(entry + NAME_LENGTH, length, true);
    view.setInt32(entry + NAME_KIND, KIND_SKIP, true);
    // Behind a name of which nothing is known yet, the first one is as good as any.
    view.setInt32(entry + NAME_NEXT, NAMES + NAME_BYTES, true);
    view.setInt32(NAMES + NAME_COLUMN, entry + NAME_BYTES, true);
    for (let i = 0; i < pieces * PIECE; i++) {
      const at = this.#textAt + Math.floor(i / PIECE) * 2 * PIECE + (i % PIECE);
      view.setUint8(at, i === 0 ? 0x22 : (name[i - 1] ?? 0));
      view.setUint8(at + PIECE, i < length ? 0xff : 0);
    }
    this.#textAt += pieces * 2 * PIECE;
    return entry;
  }
}
