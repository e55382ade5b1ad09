import type { Codec, Decoded, Decoder, DecoderOptions, Rejection } from '@weir/connector-api';
import { RecordWalker } from '@weir/record-batch';
import type { RecordSchema } from '@weir/schema';
import { Column } from './column.ts';
import { ColumnBatch } from './column-batch.ts';
import type { ColumnSource } from './column-batch.ts';
import { createCursor } from './cursor.ts';
import { JsonScanner, MISSING, MISTYPED, NOT_JSON, NOT_OBJECT, SCANNED, TOO_DEEP } from './json-scanner.ts';
import { MAX_DEPTH } from './json-lexer.ts';

const DEFAULT_MAX_VALUE_BYTES = 1024 * 1024;

/** One JSON object for each record, in UTF-8, with the fields of a schema; members that the schema does not name are passed over. */
export function json<T>(schema: RecordSchema<T>): Codec<T> {
  const names = schema.fields.map((field) => field.name);
  return Object.freeze({
    describe: `json ${schema.name}`,
    decoder: (options?: DecoderOptions) => new JsonDecoder<T>(schema, options ?? {}),
    encode: (row: T) => Buffer.from(JSON.stringify(Object.fromEntries(names.map((name) => [name, (row as Record<string, unknown>)[name]]))), 'utf8'),
  });
}

/** What the decode of one record came to, when it is no row. */
type Trouble = Pick<Rejection, 'code' | 'message'>;

class JsonDecoder<T> implements Decoder<T> {
  readonly #schema: RecordSchema<T>;
  readonly #maxValueBytes: number;
  readonly #walker = new RecordWalker();
  readonly #columns: readonly Column[];
  readonly #scanner: JsonScanner;
  readonly #source: ColumnSource;
  #offsets = new Float64Array(0);
  #logTimestamps = new Float64Array(0);
  #times = new Float64Array(0);

  constructor(schema: RecordSchema<T>, { projection, maxValueBytes }: DecoderOptions) {
    this.#schema = schema;
    this.#maxValueBytes = maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
    const byField = schema.fields.map((field) => (projection === undefined || projection.includes(field.name) ? new Column(field) : undefined));
    this.#columns = byField.filter((column) => column !== undefined);
    this.#scanner = new JsonScanner(schema.fields, byField);
    const place = { position: 0 };
    this.#source = { columns: new Map(this.#columns.map((column) => [column.field.name, column])), cursor: createCursor(this.#columns, place), place };
  }

  decode(bytes: Uint8Array, source: string, partition: number, from: number, to: number): Decoded<T> {
    const walker = this.#walker;
    walker.walk(bytes, from, to);
    this.#reserve(walker.count);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const rejections: Rejection[] = [];
    let row = 0;
    for (let i = 0; i < walker.count; i++) {
      const start = walker.valueStarts[i]!;
      const end = walker.valueEnds[i]!;
      const outcome = start < 0 || end - start > this.#maxValueBytes ? NOT_JSON : this.#scanner.scan(buffer, start, end, row);
      if (outcome === SCANNED) {
        this.#offsets[row] = walker.offsets[i]!;
        this.#logTimestamps[row++] = walker.timestamps[i]!;
      } else {
        rejections.push(this.#reject(bytes, i, this.#trouble(outcome, start, end)));
      }
    }
    for (const column of this.#columns) column.bind(buffer, row);
    const origin = { source, partition, offsets: this.#offsets, logTimestamps: this.#logTimestamps };
    return { batch: new ColumnBatch<T>(this.#source, origin, this.#times, row), rejections, records: walker.count };
  }

  #reserve(count: number): void {
    if (this.#offsets.length < count) {
      this.#offsets = new Float64Array(count * 2);
      this.#logTimestamps = new Float64Array(count * 2);
      this.#times = new Float64Array(count * 2).fill(Number.NaN);
    }
    for (const column of this.#columns) column.reserve(count);
  }

  #trouble(outcome: number, start: number, end: number): Trouble {
    if (start < 0) return { code: 'RECORD_EMPTY', message: 'The record has no value.' };
    if (end - start > this.#maxValueBytes) {
      return { code: 'RECORD_TOO_LARGE', message: `The value is ${end - start} bytes long, more than ${this.#maxValueBytes}.` };
    }
    switch (outcome) {
      case NOT_JSON:
        return { code: 'JSON_SYNTAX', message: 'The value is not JSON.' };
      case NOT_OBJECT:
        return { code: 'JSON_NOT_OBJECT', message: 'The value is JSON, but not an object.' };
      case TOO_DEEP:
        return { code: 'JSON_TOO_DEEP', message: `The value nests deeper than ${MAX_DEPTH}.` };
    }
    const mistyped = outcome >= MISTYPED;
    const field = this.#schema.fields[outcome - (mistyped ? MISTYPED : MISSING)]!;
    if (mistyped) return { code: 'FIELD_TYPE', message: `Field '${field.name}' is not ${field.nullable ? 'null or ' : ''}of type ${field.type}.` };
    return { code: 'FIELD_MISSING', message: `Field '${field.name}' is missing.` };
  }

  #reject(bytes: Uint8Array, i: number, { code, message }: Trouble): Rejection {
    const walker = this.#walker;
    return {
      offset: walker.offsets[i]!,
      code,
      message,
      key: copied(bytes, walker.keyStarts[i]!, walker.keyEnds[i]!),
      value: copied(bytes, walker.valueStarts[i]!, walker.valueEnds[i]!),
      logTimestamp: walker.timestamps[i]!,
    };
  }
}

function copied(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : bytes.slice(start, end);
}
