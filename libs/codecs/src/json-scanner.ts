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

/** Unknown names that are remembered, so that they too are recognised in place. */
const MAX_KNOWN_NAMES = 256;

/**
 * Scans JSON objects into columns, in one pass over the bytes. It expects the members in the order of the record before, and then
 * a name costs one comparison of its bytes; any other order, unknown and repeated members cost a look-up.
 */
export class JsonScanner {
  readonly #lexer = new JsonLexer();
  readonly #fields: readonly Field[];
  /** By field; undefined when it is not projected, and then it is checked for syntax only. */
  readonly #columns: readonly (Column | undefined)[];
  readonly #states: Uint8Array;
  /** Names as bytes with their closing quote: the fields first, then unknown ones as they turn up. */
  readonly #names: Uint8Array[];
  readonly #idOfName: Map<string, number>;
  /** The name that came at each place of the record before. */
  readonly #expected: number[];

  constructor(fields: readonly Field[], columns: readonly (Column | undefined)[]) {
    this.#fields = fields;
    this.#columns = columns;
    this.#states = new Uint8Array(fields.length);
    this.#names = fields.map((field) => nameBytes(field.name));
    this.#idOfName = new Map(fields.map((field, id) => [field.name, id]));
    this.#expected = fields.map((_, id) => id);
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
    for (let place = 0; ; place++) {
      if (at >= end || bytes[at] !== 0x22) return SYNTAX_ERROR;
      let name = place < this.#expected.length ? this.#expected[place]! : -1;
      let close = name < 0 ? -1 : this.#matches(name, at + 1);
      if (close < 0) {
        close = lexer.stringEnd(at + 1);
        if (close === SYNTAX_ERROR) return SYNTAX_ERROR;
        name = this.#lookUp(at, close);
        if (place < MAX_KNOWN_NAMES) this.#expected[place] = name;
      }
      // Usually there is no white space around the colon.
      at = bytes[close + 1] === 0x3a && bytes[close + 2]! > 0x20 ? close + 2 : lexer.colonEnd(close + 1);
      if (at === SYNTAX_ERROR || at >= end) return SYNTAX_ERROR;
      at = name >= 0 && name < this.#fields.length ? this.#value(name, at, row) : lexer.valueEnd(at, 1);
      if (at === SYNTAX_ERROR || at >= end) return SYNTAX_ERROR;
      let byte = bytes[at]!;
      if (byte <= 0x20) {
        at = lexer.space(at);
        if (at >= end) return SYNTAX_ERROR;
        byte = bytes[at]!;
      }
      if (byte === 0x7d) return at + 1;
      if (byte !== 0x2c) return SYNTAX_ERROR;
      at++;
      if (bytes[at]! <= 0x20) at = lexer.space(at);
    }
  }

  /** The position of the closing quote when the name stands at `at`; -1 when another does. */
  #matches(name: number, at: number): number {
    const bytes = this.#lexer.bytes;
    const wanted = this.#names[name]!;
    const length = wanted.length;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== wanted[i]) return -1;
    return at + length - 1 < this.#lexer.end ? at + length - 1 : -1;
  }

  /** The id of the name whose opening quote is at `open`; -1 when it is unknown and there are too many of those. */
  #lookUp(open: number, close: number): number {
    const raw = this.#lexer.bytes.toString('utf8', open, close + 1);
    const name = this.#lexer.escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    let id = this.#idOfName.get(name) ?? -1;
    if (id < 0 && this.#names.length < this.#fields.length + MAX_KNOWN_NAMES && !this.#lexer.escaped && name.isWellFormed() && !name.includes('\ufffd')) {
      id = this.#names.length;
      this.#names.push(nameBytes(name));
      this.#idOfName.set(name, id);
    }
    return id;
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
    const value = this.#lexer.number;
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

function nameBytes(name: string): Uint8Array {
  return Buffer.from(`${JSON.stringify(name).slice(1)}`, 'utf8');
}
