import { MAX_TIMESTAMP } from '@weir/model';
import type { Field, PhysicalType } from '@weir/schema';
import type { Column } from './column.ts';
import { JsonLexer, SYNTAX_ERROR } from './json-lexer.ts';

/** Outcome of scanning one record: SCANNED, a code of its own, or a field's trouble as `MISSING + field` or `MISTYPED + field`. */
export const SCANNED = 0;
export const NOT_JSON = 1;
export const NOT_OBJECT = 2;
export const TOO_DEEP = 3;
export const MISSING = 1_000;
export const MISTYPED = 100_000;

/** State of a field within one record. */
const ABSENT = 0;
const PRESENT = 1;
const NULL = 2;
const WRONG = 3;

/**
 * Scans JSON objects into columns, in one pass over the bytes, whatever they hold; says what is wrong with a record that is no
 * row. The program in WebAssembly goes ahead of it and leaves it what is rare.
 */
export class JsonScanner {
  readonly #lexer = new JsonLexer();
  readonly #fields: readonly Field[];
  /** By field; undefined when it is not projected, and then it is checked for syntax only. */
  readonly #columns: readonly (Column | undefined)[];
  readonly #states: Uint8Array;
  readonly #idOfName: ReadonlyMap<string, number>;
  readonly #onUnknownName: (name: Uint8Array) => void;

  /** `onUnknownName` is told of names without escapes that are not of the schema; as they are written, with their closing quote. */
  constructor(fields: readonly Field[], columns: readonly (Column | undefined)[], onUnknownName: (name: Uint8Array) => void) {
    this.#fields = fields;
    this.#columns = columns;
    this.#states = new Uint8Array(fields.length);
    this.#idOfName = new Map(fields.map((field, id) => [field.name, id]));
    this.#onUnknownName = onUnknownName;
  }

  /** Scans bytes[from, to) into position `row` of the columns; what it wrote there counts only when it answers SCANNED. */
  scan(bytes: Buffer, from: number, to: number, row: number): number {
    const lexer = this.#lexer;
    lexer.bytes = bytes;
    lexer.end = to;
    lexer.tooDeep = false;
    this.#states.fill(ABSENT);
    let at = lexer.space(from);
    if (at >= to) return NOT_JSON;
    if (bytes[at] !== 0x7b) return this.#otherValue(at, to);
    at = this.#members(lexer.space(at + 1), row);
    if (at === SYNTAX_ERROR || at > to || lexer.space(at) < to) return NOT_JSON;
    return lexer.tooDeep ? TOO_DEEP : this.#check(row);
  }

  #otherValue(at: number, to: number): number {
    const end = this.#lexer.valueEnd(at, 0);
    if (end === SYNTAX_ERROR || end > to || this.#lexer.space(end) < to) return NOT_JSON;
    return this.#lexer.tooDeep ? TOO_DEEP : NOT_OBJECT;
  }

  /** From behind the opening brace to behind the closing one. */
  #members(at: number, row: number): number {
    const lexer = this.#lexer;
    const bytes = lexer.bytes;
    const end = lexer.end;
    if (at < end && bytes[at] === 0x7d) return at + 1;
    for (;;) {
      if (at >= end || bytes[at] !== 0x22) return SYNTAX_ERROR;
      const close = lexer.stringEnd(at + 1);
      if (close === SYNTAX_ERROR) return SYNTAX_ERROR;
      const field = this.#fieldNamed(at, close);
      at = lexer.colonEnd(close + 1);
      if (at === SYNTAX_ERROR || at >= end) return SYNTAX_ERROR;
      at = field >= 0 ? this.#value(field, at, row) : lexer.valueEnd(at, 1);
      at = at === SYNTAX_ERROR ? SYNTAX_ERROR : lexer.space(at);
      if (at === SYNTAX_ERROR || at >= end) return SYNTAX_ERROR;
      if (bytes[at] === 0x7d) return at + 1;
      if (bytes[at] !== 0x2c) return SYNTAX_ERROR;
      at = lexer.space(at + 1);
    }
  }

  /** The field whose name stands between these quotes, or -1. */
  #fieldNamed(open: number, close: number): number {
    const raw = this.#lexer.bytes.toString('utf8', open, close + 1);
    const name = this.#lexer.escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    const field = this.#idOfName.get(name) ?? -1;
    if (field < 0 && !this.#lexer.escaped) this.#onUnknownName(this.#lexer.bytes.subarray(open + 1, close + 1));
    return field;
  }

  #value(id: number, at: number, row: number): number {
    const field = this.#fields[id]!;
    const column = this.#columns[id];
    const lexer = this.#lexer;
    const byte = lexer.bytes[at]!;
    if (column === undefined) {
      this.#states[id] = PRESENT;
      return lexer.valueEnd(at, 1);
    }
    if (byte === 0x6e) {
      this.#states[id] = NULL;
      return lexer.literalEnd(at, 'null');
    }
    switch (field.type) {
      case 'string':
        if (byte !== 0x22) break;
        return this.#string(id, column, at, row);
      case 'int':
      case 'timestamp':
      case 'float':
        if (byte !== 0x2d && (byte < 0x30 || byte > 0x39)) break;
        return this.#number(id, column, field.type, at, row);
      case 'boolean':
        if (byte !== 0x74 && byte !== 0x66) break;
        column.numbers[row] = byte === 0x74 ? 1 : 0;
        this.#states[id] = PRESENT;
        return lexer.literalEnd(at, byte === 0x74 ? 'true' : 'false');
      case 'json': {
        const end = lexer.valueEnd(at, 1);
        column.starts[row] = at;
        column.ends[row] = end;
        this.#states[id] = PRESENT;
        return end;
      }
    }
    this.#states[id] = WRONG;
    return lexer.valueEnd(at, 1);
  }

  #string(id: number, column: Column, at: number, row: number): number {
    const close = this.#lexer.stringEnd(at + 1);
    if (close === SYNTAX_ERROR) return SYNTAX_ERROR;
    column.starts[row] = at + 1;
    column.ends[row] = this.#lexer.escaped ? ~close : close;
    this.#states[id] = PRESENT;
    return close + 1;
  }

  #number(id: number, column: Column, type: PhysicalType, at: number, row: number): number {
    const end = this.#lexer.numberEnd(at);
    const value = this.#lexer.number[0]!;
    column.numbers[row] = value;
    this.#states[id] = isOfType(value, type) ? PRESENT : WRONG;
    return end;
  }

  /** Nulls into the columns; the first field, in the order of the schema, that is missing or of another type. */
  #check(row: number): number {
    const states = this.#states;
    for (let id = 0; id < states.length; id++) {
      const state = states[id]!;
      if (state === PRESENT) continue;
      const column = this.#columns[id];
      if (column === undefined) continue;
      if (state === WRONG) return MISTYPED + id;
      if (!this.#fields[id]!.nullable) return state === ABSENT ? MISSING + id : MISTYPED + id;
      if (column.isText) column.starts[row] = -1;
      else column.numbers[row] = Number.NaN;
    }
    return SCANNED;
  }
}

function isOfType(value: number, type: PhysicalType): boolean {
  if (type === 'float') return Number.isFinite(value);
  return type === 'int' ? Number.isSafeInteger(value) : Number.isInteger(value) && Math.abs(value) <= MAX_TIMESTAMP;
}

/** A name as JSON.stringify writes it, without its opening quote. */
export function nameBytes(name: string): Uint8Array {
  return Buffer.from(`${JSON.stringify(name).slice(1)}`, 'utf8');
}
