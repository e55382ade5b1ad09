import type { Field } from '@weir/schema';
import { F64, I32, assemble } from './assembler.ts';
import { readNumber } from './json-numbers.ts';
import { recordFunctions } from './json-records.ts';
import { tokenFunctions } from './json-tokens.ts';
import { BYTE_CLASSES, INPUT, IS_ESCAPE, IS_HEX, PADDING, POWERS_OF_TEN } from './layout.ts';
import { NameTable } from './name-table.ts';
import { Instance, Memory, Module } from './web-assembly.ts';
import type { WebAssemblyMemory } from './web-assembly.ts';

const PAGE = 64 * 1_024;
const CELL = 8;

/** Compiled once; every decoder has an instance with a memory of its own. */
const compiled = new Module(assemble([...tokenFunctions, readNumber, ...recordFunctions], [I32, F64]));

type Scan = (i: number, count: number, row: number, starts: number, ends: number, maxValueBytes: number) => number;

/** One column of the program's memory, whole: numbers, or starts and ends of texts. */
export interface ColumnViews {
  readonly numbers: Float64Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * The scanning program, for the records that are of the common form: it works in a memory of its own, into which a fetch is
 * copied and in which the columns lie. What it refuses, JsonScanner decides.
 */
export class JsonProgram {
  /** The bytes that were loaded last, from position 0, and zeros behind them. */
  bytes: Buffer = Buffer.alloc(0);
  readonly #memory: WebAssemblyMemory = new Memory({ initial: 1 });
  readonly #names: NameTable;
  readonly #scan: Scan;
  readonly #projected: readonly boolean[];
  readonly #maxValueBytes: number;
  readonly #onMove: (columns: readonly ColumnViews[]) => void;
  #byteCapacity = 0;
  #rowCapacity = 0;
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);

  /** `onMove` is told where the columns of the projected fields are, in the order of the schema, whenever they have moved. */
  constructor(fields: readonly Field[], names: readonly Uint8Array[], projected: ReadonlySet<Field>, maxValueBytes: number, onMove: (columns: readonly ColumnViews[]) => void) {
    this.#onMove = onMove;
    this.#maxValueBytes = maxValueBytes;
    this.#projected = fields.map((field) => projected.has(field));
    const constants = Buffer.from(this.#memory.buffer);
    for (const digit of '0123456789abcdefABCDEF') constants[BYTE_CLASSES + digit.charCodeAt(0)]! |= IS_HEX;
    for (const escape of '"\\/bfnrt') constants[BYTE_CLASSES + escape.charCodeAt(0)]! |= IS_ESCAPE;
    for (let exponent = 0; exponent <= 15; exponent++) constants.writeBigInt64LE(10n ** BigInt(exponent), POWERS_OF_TEN + exponent * 8);
    this.#names = new NameTable(this.#memory, fields, names, projected);
    this.#scan = new Instance(compiled, { env: { memory: this.#memory } }).exports['scan'] as Scan;
  }

  /**
   * Takes over the bytes of a fetch; answers the copy, which is to be read from now on: copying is a stream that the processor
   * reads ahead of, while walking the original jumps from record to record and waits for the memory at each.
   */
  load(bytes: Uint8Array): Uint8Array {
    if (bytes.length + PADDING > this.bytes.length) this.#reserve(bytes.length, this.#rowCapacity);
    this.bytes.set(bytes);
    this.bytes.fill(0, bytes.length, bytes.length + PADDING);
    return this.bytes.subarray(0, bytes.length);
  }

  /** Takes over where the values of the records are. */
  locate(starts: Int32Array, ends: Int32Array, count: number): void {
    if (count > this.#rowCapacity) this.#reserve(this.#byteCapacity, count);
    this.#starts.set(starts.subarray(0, count));
    this.#ends.set(ends.subarray(0, count));
  }

  /** Scans records from `i` on into rows from `row` on; answers the first record that it refuses, or `count`. */
  scan(i: number, count: number, row: number): number {
    return this.#names.usable ? this.#scan(i, count, row, this.#starts.byteOffset, this.#ends.byteOffset, this.#maxValueBytes) : i;
  }

  learn(name: Uint8Array): void {
    this.#names.learn(name);
  }

  #reserve(byteCount: number, rowCount: number): void {
    if (byteCount > this.#byteCapacity) this.#byteCapacity = aligned(Math.max(byteCount, this.#byteCapacity * 2));
    if (rowCount > this.#rowCapacity) this.#rowCapacity = aligned(Math.max(rowCount, this.#rowCapacity * 2));
    const records = INPUT + this.#byteCapacity + PADDING;
    const end = records + CELL * this.#rowCapacity * (1 + this.#projected.filter(Boolean).length);
    const pages = Math.ceil(end / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (pages > 0) this.#memory.grow(pages);
    const { buffer } = this.#memory;
    this.bytes = Buffer.from(buffer, INPUT, this.#byteCapacity + PADDING);
    this.#starts = new Int32Array(buffer, records, this.#rowCapacity);
    this.#ends = new Int32Array(buffer, records + 4 * this.#rowCapacity, this.#rowCapacity);
    const places = this.#places();
    this.#names.place(places);
    const capacity = this.#rowCapacity;
    this.#onMove(places.flatMap((place) =>
      place === undefined ? [] : [{ numbers: new Float64Array(buffer, place.column, capacity), starts: new Int32Array(buffer, place.column, capacity), ends: new Int32Array(buffer, place.ends, capacity) }],
    ));
  }

  /** Where the column of each field is; undefined when it has none. */
  #places(): readonly ({ readonly column: number; readonly ends: number } | undefined)[] {
    let at = INPUT + this.#byteCapacity + PADDING;
    return this.#projected.map((isProjected) => {
      if (!isProjected) return undefined;
      at += CELL * this.#rowCapacity;
      return { column: at, ends: at + 4 * this.#rowCapacity };
    });
  }
}

function aligned(size: number): number {
  return Math.ceil(size / 1_024) * 1_024;
}
