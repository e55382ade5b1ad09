import type { Codec, Decoded, Decoder, DecoderOptions, Rejection } from '@weir/connector-api';
import { MAX_TIMESTAMP, RowBatch } from '@weir/model';
import { RecordWalker } from '@weir/record-batch';
import type { Field, RecordSchema } from '@weir/schema';
import { jsonEncoder } from './json-encode.ts';
import { DEFAULT_MAX_VALUE_BYTES, JSON_NOT_OBJECT, JSON_SYNTAX, JSON_TOO_DEEP, MAX_DEPTH, RECORD_EMPTY, fieldMissing, fieldType, recordTooLarge } from './trouble.ts';
import type { Trouble } from './trouble.ts';

type Row = Record<string, unknown>;

/**
 * The same codec as `json`, the plain way: JSON.parse, an object for each record, a check of its fields. It is what the scanner
 * must agree with on any input, and what it is measured beside.
 */
export function jsonTwin<T>(schema: RecordSchema<T>): Codec<T> {
  return Object.freeze({
    describe: `json ${schema.name}, parsed`,
    decoder: (options?: DecoderOptions) => new TwinDecoder<T>(schema, options ?? {}),
    encode: jsonEncoder(schema),
  });
}

class TwinDecoder<T> implements Decoder<T> {
  readonly #fields: readonly Field[];
  readonly #maxValueBytes: number;
  readonly #walker = new RecordWalker();

  constructor(schema: RecordSchema<T>, { projection, maxValueBytes }: DecoderOptions) {
    this.#fields = schema.fields.filter(({ name }) => projection === undefined || projection.includes(name));
    this.#maxValueBytes = maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
  }

  decode(bytes: Uint8Array, source: string, partition: number, from: number, to: number): Decoded<T> {
    const walker = this.#walker;
    walker.walk(bytes, from, to);
    const rows: T[] = [];
    const offsets: number[] = [];
    const logTimestamps: number[] = [];
    const rejections: Rejection[] = [];
    for (let i = 0; i < walker.count; i++) {
      const value = sliced(bytes, walker.valueStarts[i]!, walker.valueEnds[i]!);
      const offset = walker.offsets[i]!;
      const logTimestamp = walker.timestamps[i]!;
      const row: Row = {};
      const trouble = this.#read(value, row);
      if (trouble === undefined) {
        rows.push(row as T);
        offsets.push(offset);
        logTimestamps.push(logTimestamp);
      } else {
        rejections.push({ offset, ...trouble, key: sliced(bytes, walker.keyStarts[i]!, walker.keyEnds[i]!), value, logTimestamp });
      }
    }
    const origin = { source, partition, offsets: Float64Array.from(offsets), logTimestamps: Float64Array.from(logTimestamps) };
    const batch = new RowBatch(rows, { timestamps: new Float64Array(rows.length).fill(Number.NaN), origin });
    return { batch, rejections, records: walker.count };
  }

  #read(value: Uint8Array | null, row: Row): Trouble | undefined {
    if (value === null) return RECORD_EMPTY;
    if (value.length > this.#maxValueBytes) return recordTooLarge(value.length, this.#maxValueBytes);
    const text = Buffer.from(value).toString('utf8');
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return JSON_SYNTAX;
    }
    if (text.length > MAX_DEPTH && depthOf(text) > MAX_DEPTH) return JSON_TOO_DEEP;
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return JSON_NOT_OBJECT;
    for (const field of this.#fields) {
      const present = Object.hasOwn(parsed, field.name);
      if (!present && !field.nullable) return fieldMissing(field);
      const member = present ? (parsed as Row)[field.name] : null;
      if (member === null ? !field.nullable : !isOfType(member, field)) return fieldType(field);
      Object.defineProperty(row, field.name, { value: member, enumerable: true });
    }
    return undefined;
  }
}

function isOfType(value: unknown, field: Field): boolean {
  switch (field.type) {
    case 'string':
      return typeof value === 'string';
    case 'int':
      return Number.isSafeInteger(value);
    case 'timestamp':
      return Number.isInteger(value) && Math.abs(value as number) <= MAX_TIMESTAMP;
    case 'float':
      return Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'json':
      return true;
  }
}

/** How deep the brackets of a JSON text nest. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of json.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '').matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function sliced(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : bytes.slice(start, end);
}
