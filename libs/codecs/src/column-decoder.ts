import type { Decoded, Decoder, DecoderOptions, Rejection } from '@weir/connector-api';
import { RecordWalker } from '@weir/record-batch';
import type { Field, RecordSchema } from '@weir/schema';
import { Column } from './column.ts';
import { ColumnBatch } from './column-batch.ts';
import type { ColumnSource } from './column-batch.ts';
import { createCursor } from './cursor.ts';
import { FetchBytes } from './fetch-bytes.ts';
import { RowPlaces } from './row-places.ts';
import { DEFAULT_MAX_VALUE_BYTES, RECORD_EMPTY, recordTooLarge } from './trouble.ts';
import type { Trouble } from './trouble.ts';

/** What a format has to say: how the bytes of one value become one position of the columns. */
export interface ValueReader {
  /** Reads bytes[start, end) of the fetch into position `row`; what it wrote there counts only when it answers undefined. */
  read(start: number, end: number, row: number): Trouble | undefined;
  /** What has to be fetched before the walked values can be read; undefined when nothing has. */
  prepare?(starts: Int32Array, ends: Int32Array, count: number): Promise<void> | undefined;
}

/** By field of the schema its column; undefined when the field is not projected. */
export type ColumnsByField = readonly (Column | undefined)[];

/** Makes the reader of a format over columns that lie in these bytes. */
export type ReaderFactory = (fields: readonly Field[], columns: ColumnsByField, bytes: FetchBytes) => ValueReader;

/** The decoder of every format whose values are read one by one: walks the records, has each value read into the columns, keeps what is refused. */
export class ColumnDecoder<T> implements Decoder<T> {
  readonly prepare?: (bytes: Uint8Array, from: number, to: number) => Promise<void> | undefined;
  readonly #maxValueBytes: number;
  readonly #walker = new RecordWalker();
  readonly #places = new RowPlaces(this.#walker);
  readonly #bytes = new FetchBytes();
  readonly #columns: readonly Column[];
  readonly #reader: ValueReader;
  readonly #source: ColumnSource;
  #capacity = 0;
  /** What was walked last by `prepare` and is not decoded yet. */
  #walked: { readonly bytes: Uint8Array; readonly from: number; readonly to: number } | undefined;

  constructor(schema: RecordSchema<T>, { projection, maxValueBytes }: DecoderOptions, factory: ReaderFactory) {
    this.#maxValueBytes = maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
    const byField = schema.fields.map((field) => (projection === undefined || projection.includes(field.name) ? new Column(field) : undefined));
    this.#columns = byField.filter((column) => column !== undefined);
    const reader = factory(schema.fields, byField, this.#bytes);
    this.#reader = reader;
    if (reader.prepare !== undefined) this.prepare = (bytes, from, to) => this.#prepare(bytes, from, to);
    const place = { position: 0 };
    this.#source = { columns: new Map(this.#columns.map((column) => [column.field.name, column])), cursor: createCursor(this.#columns, place), place };
  }

  decode(bytes: Uint8Array, source: string, partition: number, from: number, to: number): Decoded<T> {
    const walker = this.#walker;
    const walked = this.#walked;
    this.#walked = undefined;
    if (walked?.bytes !== bytes || walked.from !== from || walked.to !== to) walker.walk(this.#bytes.load(bytes), from, to);
    this.#reserve(walker.count);
    const rejections: Rejection[] = [];
    let row = 0;
    for (let i = 0; i < walker.count; i++) {
      const start = walker.valueStarts[i]!;
      const end = walker.valueEnds[i]!;
      const trouble = start < 0 ? RECORD_EMPTY : end - start > this.#maxValueBytes ? recordTooLarge(end - start, this.#maxValueBytes) : this.#reader.read(start, end, row);
      if (trouble === undefined) row++;
      else rejections.push(this.#places.rejection(bytes, i, trouble));
    }
    for (const column of this.#columns) column.bind(this.#bytes.bytes, row);
    const origin = { source, partition, ...this.#places.withoutRejected(rejections) };
    return { batch: new ColumnBatch<T>(this.#source, origin, this.#places.noTimes(row), row), rejections, records: walker.count };
  }

  #prepare(bytes: Uint8Array, from: number, to: number): Promise<void> | undefined {
    const walker = this.#walker;
    walker.walk(this.#bytes.load(bytes), from, to);
    this.#walked = { bytes, from, to };
    return this.#reader.prepare!(walker.valueStarts, walker.valueEnds, walker.count);
  }

  #reserve(count: number): void {
    if (count <= this.#capacity) return;
    this.#capacity = count * 2;
    for (const column of this.#columns) {
      const texts = column.isText ? this.#capacity : 0;
      column.place({ numbers: new Float64Array(this.#capacity - texts), starts: new Int32Array(texts), ends: new Int32Array(texts) });
    }
  }
}
