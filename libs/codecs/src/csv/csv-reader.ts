import type { Field } from '@weir/schema';
import type { Column } from '../column.ts';
import type { ColumnsByField, ValueReader } from '../column-decoder.ts';
import { putNull, putNumber } from '../column-value.ts';
import type { FetchBytes } from '../fetch-bytes.ts';
import { JsonLexer } from '../json-lexer.ts';
import { JsonValue } from '../json-value.ts';
import { fieldMissing, fieldType, numberRange } from '../trouble.ts';
import type { Trouble } from '../trouble.ts';
import type { CsvFormat } from './csv.ts';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const CSV_SYNTAX: Trouble = { code: 'CSV_SYNTAX', message: 'The value is no row of CSV.' };

/** What a byte outside quotes does: it is part of the text, or it needs a closer look. */
const TEXT = 0;
const SEPARATOR = 1;
const LINE_END = 2;
const STRAY_QUOTE = 3;

/** Reads rows of CSV into columns: one pass over the bytes, and no string for a field. */
export class CsvReader implements ValueReader {
  readonly #format: CsvFormat;
  readonly #fields: readonly Field[];
  readonly #byField: ColumnsByField;
  readonly #fetch: FetchBytes;
  readonly #classes = new Uint8Array(256);
  readonly #nullText: Uint8Array;
  readonly #lexer = new JsonLexer();
  readonly #json = new JsonValue();
  /** By place in the row; undefined when nobody reads it. */
  #columns: readonly (Column | undefined)[] = [];
  /** Fields that may be null and have no column. */
  #absent: readonly Column[] = [];
  /** What is wrong with the header, whatever the row. */
  #headerTrouble: Trouble | undefined;
  /** The header that all this is for. */
  #header: Buffer | undefined;
  /** Of the field that was read last. */
  #start = 0;
  #end = 0;
  #quoted = false;

  constructor(format: CsvFormat, fields: readonly Field[], columns: ColumnsByField, fetch: FetchBytes) {
    this.#format = format;
    this.#fields = fields;
    this.#byField = columns;
    this.#fetch = fetch;
    this.#nullText = Buffer.from(format.nullText, 'utf8');
    this.#classes[format.separator.charCodeAt(0)] = SEPARATOR;
    this.#classes[QUOTE] = STRAY_QUOTE;
    this.#classes[LINE_FEED] = this.#classes[CARRIAGE_RETURN] = LINE_END;
    if (format.columns !== undefined) this.#bind(format.columns);
  }

  read(start: number, end: number, row: number): Trouble | undefined {
    let at = this.#passMark(start, end);
    if (this.#format.columns === undefined) {
      at = this.#passHeader(at, end);
      if (at < 0) return CSV_SYNTAX;
    }
    const columns = this.#columns;
    let trouble = this.#headerTrouble;
    let place = 0;
    for (let isLast = false; !isLast; place++) {
      const next = this.#field(at, end);
      if (next < 0) return CSV_SYNTAX;
      const column = columns[place];
      if (column !== undefined) trouble ??= this.#put(column, row);
      isLast = next >= end || this.#classes[this.#fetch.bytes[next]!] !== SEPARATOR;
      at = isLast ? this.#lineEnd(next, end) : next + 1;
    }
    if (at !== end) return CSV_SYNTAX;
    if (place !== columns.length) return { code: 'CSV_COLUMNS', message: `The row has ${place} fields, not ${columns.length}.` };
    for (const column of this.#absent) putNull(column, row);
    return trouble;
  }

  /** Behind the byte order mark with which some programs begin. */
  #passMark(start: number, end: number): number {
    const { bytes } = this.#fetch;
    return bytes[start] === BYTE_ORDER_MARK[0] && end - start >= BYTE_ORDER_MARK.length && holds(bytes, start, BYTE_ORDER_MARK) ? start + BYTE_ORDER_MARK.length : start;
  }

  /** Finds the field that begins at `at`, and what it holds; answers the position behind it, or -1. */
  #field(at: number, end: number): number {
    const { bytes } = this.#fetch;
    const classes = this.#classes;
    this.#quoted = at < end && bytes[at] === QUOTE;
    if (this.#quoted) return this.#quotedField(at + 1, end);
    this.#start = at;
    while (at < end && classes[bytes[at]!] === TEXT) at++;
    this.#end = at;
    return at < end && classes[bytes[at]!] === STRAY_QUOTE ? -1 : at;
  }

  #quotedField(at: number, end: number): number {
    const { bytes } = this.#fetch;
    const from = at;
    let doubled = 0;
    for (;;) {
      while (at < end && bytes[at] !== QUOTE) at++;
      if (at >= end) return -1;
      if (at + 1 >= end || bytes[at + 1] !== QUOTE) break;
      doubled++;
      at += 2;
    }
    this.#start = from;
    this.#end = at;
    if (doubled > 0) this.#undouble(from, at);
    const next = at + 1;
    return next < end && this.#classes[bytes[next]!] !== SEPARATOR && this.#classes[bytes[next]!] !== LINE_END ? -1 : next;
  }

  /** Puts the text at [from, to) behind the fetch, with one quote for two. */
  #undouble(from: number, to: number): void {
    const fetch = this.#fetch;
    fetch.reserve(to - from);
    const { bytes } = fetch;
    let out = fetch.end;
    this.#start = out;
    for (let at = from; at < to; at++) {
      bytes[out++] = bytes[at]!;
      if (bytes[at] === QUOTE) at++;
    }
    this.#end = out;
    fetch.advance(out);
  }

  /** Behind a line end that begins at `at`; -1 when there is another byte. */
  #lineEnd(at: number, end: number): number {
    if (at >= end) return at;
    const { bytes } = this.#fetch;
    if (bytes[at] === CARRIAGE_RETURN) at++;
    return at < end && bytes[at] === LINE_FEED ? at + 1 : -1;
  }

  /** The field that was read last, into a column. */
  #put(column: Column, row: number): Trouble | undefined {
    const { field } = column;
    const { bytes } = this.#fetch;
    const start = this.#start;
    const end = this.#end;
    if (field.nullable && !this.#quoted && end - start === this.#nullText.length && holds(bytes, start, this.#nullText)) {
      putNull(column, row);
      return undefined;
    }
    switch (field.type) {
      case 'string':
        column.starts[row] = start;
        column.ends[row] = end;
        return undefined;
      case 'json':
        return this.#json.take(bytes, start, end, column, row);
      case 'boolean': {
        const isTrue = end - start === 4 && holds(bytes, start, TRUE);
        column.numbers[row] = isTrue ? 1 : 0;
        return isTrue || (end - start === 5 && holds(bytes, start, FALSE)) ? undefined : fieldType(field);
      }
      default: {
        const lexer = this.#lexer;
        lexer.bytes = bytes;
        lexer.end = end;
        if (start === end || lexer.numberEnd(start) !== end) return fieldType(field);
        return putNumber(lexer.number, column, row) ? undefined : numberRange(field);
      }
    }
  }

  /** Takes the columns from the line at [start, end); answers the position behind it, or -1. */
  #passHeader(start: number, end: number): number {
    const { bytes } = this.#fetch;
    const known = this.#header;
    if (known !== undefined && start + known.length <= end && bytes.compare(known, 0, known.length, start, start + known.length) === 0) return start + known.length;
    const names: string[] = [];
    let at = start;
    for (let isLast = false; !isLast; ) {
      const next = this.#field(at, end);
      if (next < 0 || next >= end) return -1;
      names.push(this.#fetch.bytes.toString('utf8', this.#start, this.#end));
      isLast = this.#classes[bytes[next]!] !== SEPARATOR;
      at = isLast ? this.#lineEnd(next, end) : next + 1;
    }
    if (at < 0) return -1;
    this.#header = Buffer.from(bytes.subarray(start, at));
    this.#bind(names);
    return at;
  }

  #bind(names: readonly string[]): void {
    const byName = new Map(this.#fields.map(({ name }, id) => [name, this.#byField[id]]));
    this.#columns = names.map((name) => byName.get(name));
    const missing = this.#byField.filter((column) => column !== undefined && !names.includes(column.field.name)) as readonly Column[];
    this.#absent = missing.filter(({ field }) => field.nullable);
    const needed = missing.find(({ field }) => !field.nullable);
    this.#headerTrouble = new Set(names).size < names.length ? CSV_SYNTAX : needed === undefined ? undefined : fieldMissing(needed.field);
  }
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

function holds(bytes: Buffer, start: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
