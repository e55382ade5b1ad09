import type { Codec, Decoded, Decoder, DecoderOptions, Rejection } from '@weir/connector-api';
import { RecordWalker } from '@weir/record-batch';
import type { RecordSchema } from '@weir/schema';
import { Column } from './column.ts';
import { ColumnBatch } from './column-batch.ts';
import type { ColumnSource } from './column-batch.ts';
import { createCursor } from './cursor.ts';
import { JsonScanner, MISSING, MISTYPED, NOT_JSON, NOT_OBJECT, SCANNED, TOO_DEEP, nameBytes } from './json-scanner.ts';
import { jsonEncoder } from './json-encode.ts';
import { RowPlaces } from './row-places.ts';
import { DEFAULT_MAX_VALUE_BYTES, JSON_NOT_OBJECT, JSON_SYNTAX, JSON_TOO_DEEP, RECORD_EMPTY, fieldMissing, fieldType, recordTooLarge } from './trouble.ts';
import type { Trouble } from './trouble.ts';
import { JsonProgram } from './wasm/json-program.ts';

/** One JSON object for each record, in UTF-8, with the fields of a schema; members that the schema does not name are passed over. */
export function json<T>(schema: RecordSchema<T>): Codec<T> {
  return Object.freeze({
    describe: `json ${schema.name}`,
    decoder: (options?: DecoderOptions) => new JsonDecoder<T>(schema, options ?? {}),
    encode: jsonEncoder(schema),
  });
}

class JsonDecoder<T> implements Decoder<T> {
  readonly #schema: RecordSchema<T>;
  readonly #maxValueBytes: number;
  readonly #walker = new RecordWalker();
  readonly #places = new RowPlaces(this.#walker);
  readonly #columns: readonly Column[];
  readonly #program: JsonProgram;
  readonly #scanner: JsonScanner;
  readonly #source: ColumnSource;

  constructor(schema: RecordSchema<T>, { projection, maxValueBytes }: DecoderOptions) {
    this.#schema = schema;
    this.#maxValueBytes = maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
    const byField = schema.fields.map((field) => (projection === undefined || projection.includes(field.name) ? new Column(field) : undefined));
    this.#columns = byField.filter((column) => column !== undefined);
    this.#program = new JsonProgram(schema.fields, schema.fields.map(({ name }) => nameBytes(name)), new Set(this.#columns.map(({ field }) => field)), this.#maxValueBytes, (views) => views.forEach((each, i) => this.#columns[i]!.place(each)));
    this.#scanner = new JsonScanner(schema.fields, byField, (name) => this.#program.learn(name));
    const place = { position: 0 };
    this.#source = { columns: new Map(this.#columns.map((column) => [column.field.name, column])), cursor: createCursor(this.#columns, place), place };
  }

  decode(bytes: Uint8Array, source: string, partition: number, from: number, to: number): Decoded<T> {
    const walker = this.#walker;
    const program = this.#program;
    walker.walk(program.load(bytes), from, to);
    program.locate(walker.valueStarts, walker.valueEnds, walker.count);
    const rejections: Rejection[] = [];
    let row = 0;
    for (let i = 0; i < walker.count; i++) {
      const refused = program.scan(i, walker.count, row);
      row += refused - i;
      i = refused;
      if (i === walker.count) break;
      const start = walker.valueStarts[i]!;
      const end = walker.valueEnds[i]!;
      const outcome = start < 0 || end - start > this.#maxValueBytes ? NOT_JSON : this.#scanner.scan(program.bytes, start, end, row);
      if (outcome === SCANNED) row++;
      else rejections.push(this.#places.rejection(bytes, i, this.#trouble(outcome, start, end)));
    }
    for (const column of this.#columns) column.bind(program.bytes, row);
    const origin = { source, partition, ...this.#places.withoutRejected(rejections) };
    return { batch: new ColumnBatch<T>(this.#source, origin, this.#places.noTimes(row), row), rejections, records: walker.count };
  }

  #trouble(outcome: number, start: number, end: number): Trouble {
    if (start < 0) return RECORD_EMPTY;
    if (end - start > this.#maxValueBytes) return recordTooLarge(end - start, this.#maxValueBytes);
    switch (outcome) {
      case NOT_JSON:
        return JSON_SYNTAX;
      case NOT_OBJECT:
        return JSON_NOT_OBJECT;
      case TOO_DEEP:
        return JSON_TOO_DEEP;
    }
    const mistyped = outcome >= MISTYPED;
    const field = this.#schema.fields[outcome - (mistyped ? MISTYPED : MISSING)]!;
    return mistyped ? fieldType(field) : fieldMissing(field);
  }
}
