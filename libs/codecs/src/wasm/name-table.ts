import type { Field, PhysicalType } from '@weir/schema';
import {
  KIND_BOOLEAN, KIND_FLOAT, KIND_INT, KIND_JSON, KIND_SKIP, KIND_STRING, MAX_NAMES, NAMES, NAME_BIT, NAME_BYTES, NAME_COLUMN, NAME_ENDS, NAME_KIND, NAME_LENGTH, NAME_NEXT, NAME_NULLABLE,
  NAME_TEXT, NAME_TEXT_AT, NAME_TEXT_BYTES,
} from './layout.ts';

const PIECE = 16;
const MAX_PROJECTED = 64;
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
  #full = false;

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
    view.setInt32(NAMES + NAME_NEXT, NAMES + NAME_BYTES, true);
    this.#full ||= fields.length === 0 || projected.size > MAX_PROJECTED;
    this.usable = !this.#full;
  }

  /** False when the schema is larger than the program can hold. */
  readonly usable: boolean;

  /** Remembers a name that is not of the schema, so that it is passed over in place from now on. `name` as it is written, with its closing quote. */
  learn(name: Uint8Array): void {
    if (!this.#full) this.#add(name);
  }

  /** The columns have moved. */
  place(places: readonly (ColumnPlace | undefined)[]): void {
    const view = new DataView(this.#memory.buffer);
    places.forEach((place, i) => {
      if (place === undefined) return;
      const entry = NAMES + NAME_BYTES * (i + 1);
      view.setInt32(entry + NAME_COLUMN, place.column, true);
      view.setInt32(entry + NAME_ENDS, place.ends, true);
    });
  }

  /** A new entry behind the others, to be skipped; undefined when there is no room. */
  #add(name: Uint8Array): number | undefined {
    const length = name.length + 1;
    const pieces = Math.ceil(length / PIECE);
    if (this.#count + 1 >= MAX_NAMES || this.#textAt + pieces * 2 * PIECE > NAME_TEXT + NAME_TEXT_BYTES) {
      this.#full = true;
      return undefined;
    }
    const entry = NAMES + NAME_BYTES * ++this.#count;
    const view = new DataView(this.#memory.buffer);
    view.setInt32(entry + NAME_TEXT_AT, this.#textAt, true);
    view.setInt32(entry + NAME_LENGTH, length, true);
    view.setInt32(entry + NAME_KIND, KIND_SKIP, true);
    // Expected next: the following entry, and behind the last one the first; the program learns better.
    view.setInt32(entry + NAME_NEXT, NAMES + NAME_BYTES, true);
    if (this.#count > 1) view.setInt32(entry - NAME_BYTES + NAME_NEXT, entry, true);
    view.setInt32(NAMES + NAME_COLUMN, entry + NAME_BYTES, true);
    for (let i = 0; i < length; i++) {
      const at = this.#textAt + Math.floor(i / PIECE) * 2 * PIECE + (i % PIECE);
      view.setUint8(at, i === 0 ? 0x22 : name[i - 1]!);
      view.setUint8(at + PIECE, 0xff);
    }
    this.#textAt += pieces * 2 * PIECE;
    return entry;
  }
}
