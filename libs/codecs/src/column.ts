import type { SymbolColumn } from '@weir/model';
import { NULL_ID } from '@weir/model';
import type { Field } from '@weir/schema';
import { TextInterner } from './text-interner.ts';
import type { ColumnViews } from './wasm/json-program.ts';

/** The values of one field of a batch, by position; reused from batch to batch. */
export class Column {
  readonly field: Field;
  /** int, float, timestamp: the value, NaN for null. boolean: 0, 1, NaN. */
  numbers: Float64Array = new Float64Array(0);
  /** string, json: where the text lies in the fetch, quotes aside; start -1 is null. */
  starts: Int32Array = new Int32Array(0);
  /** string: ~end when there are escapes in it. */
  ends: Int32Array = new Int32Array(0);
  #ids = new Int32Array(0);
  #interner = new TextInterner();
  #values: unknown[] | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #interned = false;

  constructor(field: Field) {
    this.field = field;
  }

  get isText(): boolean {
    return this.field.type === 'string' || this.field.type === 'json';
  }

  /** The column lies elsewhere from now on. */
  place({ numbers, starts, ends }: ColumnViews): void {
    this.numbers = numbers;
    this.starts = starts;
    this.ends = ends;
  }

  /** A batch has been scanned: `length` positions over these bytes. */
  bind(bytes: Buffer, length: number): void {
    this.#bytes = bytes;
    this.#length = length;
    this.#interned = false;
    this.#values = undefined;
    if (this.#interner.isFull) this.#interner = new TextInterner();
  }

  /** Ids of a string column; interned on the first call for a batch. */
  symbols(): SymbolColumn {
    if (!this.#interned) this.#intern();
    return { ids: this.#ids, dictionary: this.#interner };
  }

  text(position: number): string | null {
    if (!this.#interned) this.#intern();
    const id = this.#ids[position]!;
    return id === NULL_ID ? null : this.#interner.text(id);
  }

  number(position: number): number | null {
    const value = this.numbers[position]!;
    return value === value ? value : null;
  }

  truth(position: number): boolean | null {
    const value = this.numbers[position]!;
    return value === value ? value === 1 : null;
  }

  /** A json value; each call parses anew, so that nobody shares an object. */
  parsed(position: number): unknown {
    const start = this.starts[position]!;
    return start < 0 ? null : (JSON.parse(this.#bytes.toString('utf8', start, this.ends[position]!)) as unknown);
  }

  value(position: number): unknown {
    switch (this.field.type) {
      case 'string':
        return this.text(position);
      case 'boolean':
        return this.truth(position);
      case 'json':
        return this.parsed(position);
      default:
        return this.number(position);
    }
  }

  values(): ArrayLike<unknown> {
    this.#values ??= Array.from({ length: this.#length }, (_, position) => this.value(position));
    return this.#values;
  }

  #intern(): void {
    if (this.#ids.length < this.#length) this.#ids = new Int32Array(this.starts.length);
    this.#interner.internColumn(this.#bytes, this.starts, this.ends, this.#length, this.#ids);
    this.#interned = true;
  }
}
