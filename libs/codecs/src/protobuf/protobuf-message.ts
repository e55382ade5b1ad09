import { MAX_DEPTH } from '../trouble.ts';
import { NANOS_TAG, SECONDS_TAG, SIZED } from './protobuf-field.ts';
import type { ProtobufField } from './protobuf-field.ts';
import type { ProtobufInput } from './protobuf-input.ts';

/** Nothing is wrong with a message. */
export const READ = 0;
/** A number is beyond what a double holds exactly, or no finite one. */
export const OUT_OF_RANGE = 1;
/** A field is written as something else, an enum has no such number, or what should be JSON is none. */
export const NOT_TAKEN = 2;
/** Fields that are not there make a value far larger than what was written. */
export const TOO_LARGE = 3;

/** So many members of one record may be defaults. */
const MAX_DEFAULTS = 1_000_000;

type Message = Record<string, unknown>;

const MILLISECONDS_PER_SECOND = 1_000;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** Reads nested messages and lists as values; the first thing wrong with one that is whole is in `trouble`. */
export class ProtobufMessages {
  trouble = READ;
  #defaults = 0;
  readonly #input: ProtobufInput;

  constructor(input: ProtobufInput) {
    this.#input = input;
  }

  /** The fields of another record follow. */
  begin(): void {
    this.#defaults = 0;
  }

  /** The next value of a field, or those of a packed list, behind what was read of it before; `tag` says how they are written. */
  next(field: ProtobufField, tag: number, before: unknown, depth: number): unknown {
    const input = this.#input;
    const isPacked = field.repeated && tag % 8 === SIZED && field.wire !== SIZED;
    if (!isPacked && tag % 8 !== field.wire) {
      this.#fail(NOT_TAKEN);
      input.skip(tag);
      return before;
    }
    if (!field.repeated) return this.#value(field, before, depth);
    const list = (before ?? []) as unknown[];
    const size = isPacked ? input.size() : 0;
    const end = input.at + size;
    if (!isPacked) list.push(this.#value(field, undefined, depth));
    else while (input.at < end) list.push(this.#value(field, undefined, depth));
    if (isPacked && input.at !== end) input.damage();
    return list;
  }

  /** What a field is that a message does not hold. */
  missing({ kind, repeated, names }: ProtobufField): unknown {
    if (repeated) return [];
    switch (kind) {
      case 'message':
      case 'timestamp':
      case 'json':
        return null;
      case 'string':
      case 'bytes':
        return '';
      case 'bool':
        return false;
      case 'enum':
        return names.get(0) ?? null;
      default:
        return 0;
    }
  }

  #value(field: ProtobufField, before: unknown, depth: number): unknown {
    const input = this.#input;
    if (field.wire !== SIZED) {
      input.read(field);
      const value = input.number[0]!;
      if (field.kind === 'bool') return value === 1;
      if (field.kind === 'enum') return field.names.get(value) ?? this.#fail(NOT_TAKEN);
      return (field.kind === 'double' || field.kind === 'float' ? Number.isFinite(value) : Number.isSafeInteger(value)) ? value : this.#fail(OUT_OF_RANGE);
    }
    const size = input.size();
    const start = input.at;
    if (input.isDamaged) return null;
    if (field.kind === 'message') return this.#message(field.fields, (before ?? {}) as Message, size, depth);
    if (field.kind === 'timestamp') {
      input.number[0] = typeof before === 'number' ? before : 0;
      this.timestamp(size);
      return input.number[0];
    }
    input.at += size;
    const text = input.fetch.bytes.toString(field.kind === 'bytes' ? 'base64' : 'utf8', start, input.at);
    return field.kind === 'json' ? this.#parsed(text) : text;
  }

  /** The fields of a message of `size` bytes, into what was read of it before; the message is its parts together. */
  #message(fields: readonly ProtobufField[], into: Message, size: number, depth: number): Message {
    const input = this.#input;
    const outer = input.end;
    const end = input.at + size;
    input.end = end;
    if (depth >= MAX_DEPTH) input.damage();
    while (input.at < end) {
      const tag = input.tag();
      const field = fields.find(({ number }) => number === tag >>> 3);
      if (field === undefined) input.skip(tag);
      else put(into, field.name, this.next(field, tag, into[field.name] ?? undefined, depth + 1));
    }
    if (input.at !== end) input.damage();
    input.end = outer;
    for (const field of fields) {
      if (Object.hasOwn(into, field.name)) continue;
      put(into, field.name, this.missing(field));
      if (++this.#defaults <= MAX_DEFAULTS) continue;
      this.trouble = TOO_LARGE;
      input.damage();
      break;
    }
    return into;
  }

  /** Reads a google.protobuf.Timestamp of `size` bytes as milliseconds, rounded down; parts of it that are not there stay as they are in the input's number. */
  timestamp(size: number): void {
    const input = this.#input;
    const before = input.number[0]!;
    const outer = input.end;
    const end = input.at + size;
    input.end = end;
    let seconds = Math.floor(before / MILLISECONDS_PER_SECOND);
    let milliseconds = before - seconds * MILLISECONDS_PER_SECOND;
    while (input.at < end) {
      const tag = input.tag();
      if (tag === SECONDS_TAG) {
        input.read(SECONDS);
        seconds = input.number[0]!;
      } else if (tag === NANOS_TAG) {
        input.read(NANOS);
        milliseconds = Math.floor(input.number[0]! / NANOSECONDS_PER_MILLISECOND);
      } else input.skip(tag);
    }
    if (input.at !== end) input.damage();
    input.end = outer;
    input.number[0] = seconds * MILLISECONDS_PER_SECOND + milliseconds;
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return this.#fail(NOT_TAKEN);
    }
  }

  #fail(trouble: number): null {
    if (this.trouble === READ) this.trouble = trouble;
    return null;
  }
}

/** Also where the name is `__proto__`. */
function put(message: Message, name: string, value: unknown): void {
  Object.defineProperty(message, name, { value, enumerable: true, writable: true, configurable: true });
}

const SECONDS: ProtobufField = { name: 'seconds', number: 1, kind: 'int64', repeated: false, isNested: false, wire: 0, names: new Map(), fields: [] };
const NANOS: ProtobufField = { ...SECONDS, name: 'nanos', number: 2, kind: 'int32' };
