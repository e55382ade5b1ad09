import { JsonText } from '../json-text.ts';
import { MAX_DEPTH } from '../trouble.ts';
import { MAX_DECIMAL_BYTES, decimalText, wholeOf } from './avro-decimal.ts';
import type { AvroInput } from './avro-input.ts';
import type { JsonReading, SizedReading } from './avro-json-plan.ts';

/** Nothing is wrong with a value. */
export const WRITTEN = 0;
/** A number is beyond what a double holds exactly, or no finite one. */
export const OUT_OF_RANGE = 1;
/** A value is of a type that the reader does not take. */
export const NOT_TAKEN = 2;
/** Names and defaults of the schema make a value far longer than what was written. */
export const TOO_LARGE = 3;

/** As JSON a value may have so many bytes for each byte of the record, */
const MAX_GROWTH = 128;
/** and so many besides. */
const FREE_BYTES = 65_536;

/** Writes nested values of Avro as JSON behind the bytes of the fetch; the first thing wrong with one that is whole is in `trouble`. */
export class AvroJson {
  trouble = WRITTEN;
  /** Up to where the value may be written. */
  #limit = 0;
  readonly #input: AvroInput;
  readonly #out: JsonText;

  constructor(input: AvroInput) {
    this.#input = input;
    this.#out = new JsonText(input.fetch);
  }

  /** A value of a record of so many bytes follows. */
  begin(bytes: number): void {
    this.trouble = WRITTEN;
    this.#limit = this.#input.fetch.end + bytes * MAX_GROWTH + FREE_BYTES;
  }

  /** Reads one value at the input's place, inside `depth` others. */
  write(reading: JsonReading, depth: number): void {
    const input = this.#input;
    if (input.fetch.end > this.#limit) {
      this.trouble = TOO_LARGE;
      input.damage();
    }
    switch (reading.kind) {
      case 'null':
        this.#out.raw('null');
        return;
      case 'boolean':
        this.#out.raw(input.boolean() ? 'true' : 'false');
        return;
      case 'long':
        this.#integer(input.long());
        return;
      case 'float':
        input.readFloat();
        this.#float(input.number[0]!);
        return;
      case 'double':
        input.readDouble();
        this.#float(input.number[0]!);
        return;
      case 'string':
      case 'bytes':
      case 'fixed':
      case 'decimal':
        this.#sized(reading);
        return;
      case 'enum':
        this.#symbol(reading);
        return;
      case 'union':
        this.write(reading.branches[input.choice(reading.branches.length)]!, depth);
        return;
      case 'refused':
        this.#refuse(NOT_TAKEN);
        input.skip(reading.type, depth);
        return;
      default:
        if (depth >= MAX_DEPTH) input.damage();
        else if (reading.kind === 'record') this.#record(reading, depth + 1);
        else this.#items(reading, depth + 1);
    }
  }

  #integer(value: number): void {
    if (Number.isSafeInteger(value)) this.#out.number(value);
    else this.#refuse(OUT_OF_RANGE);
  }

  #float(value: number): void {
    if (Number.isFinite(value)) this.#out.number(value);
    else this.#refuse(OUT_OF_RANGE);
  }

  #sized(reading: SizedReading): void {
    const input = this.#input;
    const size = ('size' in reading ? reading.size : undefined) ?? input.size();
    const start = input.at;
    input.at += size;
    if (input.isDamaged) return;
    if (reading.kind === 'string') this.#out.text(start, input.at);
    else if (reading.kind === 'decimal' && size > MAX_DECIMAL_BYTES) this.#refuse(OUT_OF_RANGE);
    else if (reading.kind === 'decimal') this.#out.raw(`"${decimalText(wholeOf(input.fetch.bytes.subarray(start, input.at)), reading.scale)}"`);
    else this.#out.latin1(start, input.at);
  }

  #symbol({ symbols }: JsonReading & { readonly kind: 'enum' }): void {
    const symbol = symbols[this.#input.choice(symbols.length)];
    if (symbol === undefined) this.#refuse(NOT_TAKEN);
    else this.#input.fetch.append(symbol.bytes);
  }

  #record({ members, rest }: JsonReading & { readonly kind: 'record' }, depth: number): void {
    const { fetch } = this.#input;
    let separator = '{';
    for (const { label, reading, type } of members) {
      if (this.#input.isDamaged) return;
      if (label === undefined) {
        this.#input.skip(type, depth);
        continue;
      }
      this.#out.raw(separator);
      fetch.append(label.bytes);
      this.write(reading, depth);
      separator = ',';
    }
    if (rest !== undefined) {
      this.#out.raw(separator);
      fetch.append(rest.bytes);
    } else if (separator === '{') this.#out.raw('{');
    this.#out.raw('}');
  }

  #items(reading: JsonReading & { readonly kind: 'array' | 'map' }, depth: number): void {
    const input = this.#input;
    const isMap = reading.kind === 'map';
    let separator = isMap ? '{' : '[';
    for (let count = input.block(); count > 0; count = input.block()) {
      for (let i = 0; i < count; i++) {
        const from = input.at;
        this.#out.raw(separator);
        separator = ',';
        if (isMap) {
          this.#sized({ kind: 'string' });
          this.#out.raw(':');
        }
        this.write(reading.item, depth);
        if (!input.goesOn(from)) return;
      }
    }
    if (separator !== ',') this.#out.raw(separator);
    this.#out.raw(isMap ? '}' : ']');
  }

  #refuse(trouble: number): void {
    if (this.trouble === WRITTEN) this.trouble = trouble;
  }
}
