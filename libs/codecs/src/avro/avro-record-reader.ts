import type { Column } from '../column.ts';
import { putConstant, putNull, putNumber, putText } from '../column-value.ts';
import type { FetchBytes } from '../fetch-bytes.ts';
import { JsonValue } from '../json-value.ts';
import { fieldType, nestedTooLarge, numberRange } from '../trouble.ts';
import type { Trouble } from '../trouble.ts';
import { MAX_DECIMAL_BYTES, decimalText, wholeOf } from './avro-decimal.ts';
import { AvroInput } from './avro-input.ts';
import { AvroJson, OUT_OF_RANGE, TOO_LARGE, WRITTEN } from './avro-json.ts';
import { BOOLEAN, DECIMAL, DOUBLE, FLOAT, INTEGER, JSON_TEXT, JSON_VALUE, NANOS, NULL, REFUSED, SKIP, SKIP_BYTES, SKIP_SIZED, SKIP_VARINT, SYMBOL, TEXT, millisecondsOf } from './avro-plan.ts';
import type { AvroFill, AvroPlan, AvroStep } from './avro-plan.ts';
import type { AvroDecimalType } from './avro-type.ts';

export const AVRO_SYNTAX: Trouble = { code: 'AVRO_SYNTAX', message: 'The value is not Avro of its schema.' };

/** Reads Avro's binary encoding of one record after the other into columns, each by the plan of its writer's schema. */
export class AvroRecordReader {
  readonly #input: AvroInput;
  readonly #json: AvroJson;
  readonly #jsonText = new JsonValue();
  #trouble: Trouble | undefined;
  /** What is said of a value that is not read to its end. */
  #damage = AVRO_SYNTAX;
  /** Bytes of the value. */
  #length = 0;

  constructor(fetch: FetchBytes) {
    this.#input = new AvroInput(fetch);
    this.#json = new AvroJson(this.#input);
  }

  /** Reads [start, end) of the fetch into position `row`. What is wrong with a field is said only of a value that is whole. */
  read({ steps, fills }: AvroPlan, start: number, end: number, row: number): Trouble | undefined {
    const input = this.#input;
    // Room for nested values may be made elsewhere meanwhile; what was loaded is the same in both places.
    const { bytes } = input.fetch;
    input.begin(start, end);
    this.#trouble = undefined;
    this.#damage = AVRO_SYNTAX;
    this.#length = end - start;
    let at = start;
    for (let i = 0; i < steps.length; i++) {
      let step: AvroStep | undefined = steps[i]!;
      if (step.branches !== undefined) {
        input.at = at;
        step = step.branches[input.long()];
        if (step === undefined) return AVRO_SYNTAX;
        at = input.at;
      }
      const { code, column } = step;
      switch (code) {
        case SKIP_BYTES:
          at += step.size;
          break;
        case SKIP_VARINT:
        case INTEGER:
          input.at = at;
          input.readLong();
          at = input.at;
          if (code === INTEGER && !putNumber(input.number, column!, row)) this.#refuse(numberRange(column!.field));
          break;
        case SKIP_SIZED:
        case TEXT: {
          const first = bytes[at]!;
          let size = (first >>> 1) ^ -(first & 1);
          if (first < 128) at++;
          else {
            input.at = at;
            size = input.long();
            at = input.at;
          }
          if (size < 0 || size > end - at) return AVRO_SYNTAX;
          if (code === TEXT) {
            column!.starts[row] = at;
            column!.ends[row] = at + size;
          }
          at += size;
          break;
        }
        default:
          input.at = at;
          this.#other(step, row);
          at = input.at;
      }
    }
    if (at !== end) return this.#damage;
    for (let i = 0; i < fills.length; i++) fill(fills[i]!, input.fetch, row);
    return this.#trouble;
  }

  #other(step: AvroStep, row: number): void {
    const input = this.#input;
    const column = step.column!;
    switch (step.code) {
      case SKIP:
        input.skip(step.type, 1);
        return;
      case NULL:
        putNull(column, row);
        return;
      case DOUBLE:
        input.readDouble();
        this.#number(column, row);
        return;
      case FLOAT:
        input.readFloat();
        this.#number(column, row);
        return;
      case BOOLEAN:
        column.numbers[row] = input.boolean() ? 1 : 0;
        return;
      case SYMBOL:
        this.#symbol(step, column, row);
        return;
      case DECIMAL:
      case JSON_TEXT:
        this.#sized(step, column, row);
        return;
      case JSON_VALUE:
        this.#nested(step, column, row);
        return;
      case REFUSED:
        this.#refuse(fieldType(column.field));
        input.skip(step.type, 1);
        return;
      case NANOS:
        input.readNanoseconds();
        this.#number(column, row);
        return;
      default:
        input.readLong();
        input.number[0] = millisecondsOf(input.number[0]!, step.code);
        this.#number(column, row);
    }
  }

  #number(column: Column, row: number): void {
    if (!putNumber(this.#input.number, column, row)) this.#refuse(numberRange(column.field));
  }

  #symbol({ symbols }: AvroStep, column: Column, row: number): void {
    const symbol = symbols[this.#input.choice(symbols.length)];
    if (symbol === undefined) this.#refuse(fieldType(column.field));
    else putConstant(symbol, this.#input.fetch, column, row);
  }

  /** A decimal as its text, or a text that holds JSON. */
  #sized(step: AvroStep, column: Column, row: number): void {
    const input = this.#input;
    const size = step.size >= 0 ? step.size : input.size();
    const start = input.at;
    input.at += size;
    if (input.isDamaged) return;
    if (step.code === JSON_TEXT) {
      const trouble = this.#jsonText.take(input.fetch.bytes, start, input.at, column, row);
      if (trouble !== undefined) this.#refuse(trouble);
    } else if (size > MAX_DECIMAL_BYTES) this.#refuse(numberRange(column.field));
    else putText(decimalText(wholeOf(input.fetch.bytes.subarray(start, input.at)), (step.type as AvroDecimalType).scale), input.fetch, column, row);
  }

  #nested({ reading }: AvroStep, column: Column, row: number): void {
    const { fetch } = this.#input;
    this.#json.begin(this.#length);
    column.starts[row] = fetch.end;
    this.#json.write(reading!, 1);
    column.ends[row] = fetch.end;
    if (this.#json.trouble === TOO_LARGE) this.#damage = nestedTooLarge(column.field);
    else if (this.#json.trouble !== WRITTEN) this.#refuse(this.#json.trouble === OUT_OF_RANGE ? numberRange(column.field) : fieldType(column.field));
  }

  #refuse(trouble: Trouble): void {
    this.#trouble ??= trouble;
  }
}

function fill({ column, number, text }: AvroFill, fetch: FetchBytes, row: number): void {
  if (!column.isText) column.numbers[row] = number;
  else if (text === undefined) column.starts[row] = -1;
  else putConstant(text, fetch, column, row);
}
