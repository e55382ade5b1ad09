import type { Field } from '@weir/schema';
import type { Column } from '../column.ts';
import type { ColumnsByField, ValueReader } from '../column-decoder.ts';
import { putBytes, putConstant, putNull, putNumber } from '../column-value.ts';
import { ConstantText } from '../fetch-bytes.ts';
import type { FetchBytes } from '../fetch-bytes.ts';
import { JsonValue } from '../json-value.ts';
import { fieldMissing, fieldType, nestedTooLarge, numberRange } from '../trouble.ts';
import type { Trouble } from '../trouble.ts';
import { SIZED } from './protobuf-field.ts';
import type { ProtobufField } from './protobuf-field.ts';
import type { Frames } from './protobuf-frames.ts';
import { ProtobufInput } from './protobuf-input.ts';
import { OUT_OF_RANGE, ProtobufMessages, READ, TOO_LARGE } from './protobuf-message.ts';

const PROTOBUF_SYNTAX: Trouble = { code: 'PROTOBUF_SYNTAX', message: 'The value is no message of Protocol Buffers.' };

/** Tags below this are looked up in an array. */
const SMALL_TAGS = 2_048;
const EMPTY = new ConstantText('');
const EMPTY_LIST = new ConstantText('[]');

/** One field that is read: where it goes, and what stands for the names of its enum. */
interface Target {
  readonly field: ProtobufField;
  readonly column: Column;
  readonly names: ReadonlyMap<number, ConstantText>;
  /** Read as a value of its own, because it may come in several pieces. */
  readonly isNested: boolean;
}

/** Reads messages into columns: one pass over the bytes, whatever the order of the fields; those that nobody reads are passed over. */
export class ProtobufReader implements ValueReader {
  readonly #fetch: FetchBytes;
  readonly #input: ProtobufInput;
  readonly #messages: ProtobufMessages;
  readonly #json = new JsonValue();
  readonly #targets: readonly Target[];
  readonly #frames: Frames | undefined;
  readonly prepare?: (starts: Int32Array, ends: Int32Array, count: number) => Promise<void> | undefined;
  /** By tag, for small ones: the place of its target and 1, or 0 when nobody reads the field. */
  readonly #small = new Uint16Array(SMALL_TAGS);
  readonly #byNumber: ReadonlyMap<number, number>;
  /** By target: whether it was there in this message. */
  readonly #seen: Uint8Array;
  readonly #values: unknown[];
  #trouble: Trouble | undefined;
  /** What is said of a message that is not read to its end. */
  #damage = PROTOBUF_SYNTAX;

  constructor(bound: readonly ProtobufField[], fields: readonly Field[], columns: ColumnsByField, fetch: FetchBytes, frames: Frames | undefined) {
    this.#fetch = fetch;
    this.#input = new ProtobufInput(fetch);
    this.#messages = new ProtobufMessages(this.#input);
    this.#frames = frames;
    if (frames?.prepare !== undefined) this.prepare = (starts, ends, count) => frames.prepare!(fetch.bytes, starts, ends, count);
    this.#targets = fields.flatMap((_, id) => {
      const [field, column] = [bound[id]!, columns[id]];
      if (column === undefined) return [];
      const names = new Map([...field.names].map(([number, name]) => [number, new ConstantText(name)]));
      return [{ field, column, names, isNested: field.repeated || field.kind === 'message' }];
    });
    this.#byNumber = new Map(this.#targets.map(({ field }, place) => [field.number, place]));
    for (const [number, place] of this.#byNumber) for (let wire = 0; wire < 8; wire++) if (number * 8 + wire < SMALL_TAGS) this.#small[number * 8 + wire] = place + 1;
    this.#seen = new Uint8Array(this.#targets.length);
    this.#values = this.#targets.map(() => undefined);
  }

  read(start: number, end: number, row: number): Trouble | undefined {
    const input = this.#input;
    input.begin(start, end);
    const unframed = this.#frames?.pass(input);
    if (unframed !== undefined) return unframed;
    const { bytes } = this.#fetch;
    const seen = this.#seen;
    seen.fill(0);
    this.#trouble = undefined;
    this.#damage = PROTOBUF_SYNTAX;
    this.#messages.begin();
    while (input.at < end) {
      let tag = bytes[input.at]!;
      if (tag >= 8 && tag < 128) input.at++;
      else tag = input.tag();
      const place = tag < SMALL_TAGS ? this.#small[tag]! - 1 : (this.#byNumber.get(Math.floor(tag / 8)) ?? -1);
      if (place < 0) input.skip(tag);
      else this.#field(place, tag, row);
    }
    if (input.at !== end) return this.#damage;
    for (let place = 0; place < seen.length; place++) {
      const target = this.#targets[place]!;
      if (seen[place] === 0) this.#missing(target, row);
      else if (target.isNested) this.#finish(target, place, row);
    }
    return this.#trouble;
  }

  #field(place: number, tag: number, row: number): void {
    const { field, column, names, isNested } = this.#targets[place]!;
    const input = this.#input;
    if (isNested) {
      this.#messages.trouble = READ;
      this.#values[place] = this.#messages.next(field, tag, this.#seen[place] === 0 ? undefined : this.#values[place], 1);
      if (this.#messages.trouble === TOO_LARGE) this.#damage = nestedTooLarge(column.field);
      else if (this.#messages.trouble !== READ) this.#refuse(this.#messages.trouble === OUT_OF_RANGE ? numberRange(column.field) : fieldType(column.field));
      this.#seen[place] = 1;
      return;
    }
    if (tag % 8 !== field.wire) {
      this.#refuse(fieldType(column.field));
      input.skip(tag);
      return;
    }
    const isFirst = this.#seen[place] === 0;
    this.#seen[place] = 1;
    if (field.wire === SIZED) {
      this.#sized(field, column, row, isFirst);
      return;
    }
    input.read(field);
    if (field.kind === 'enum') this.#name(column, names.get(input.number[0]!), row);
    else if (!putNumber(input.number, column, row)) this.#refuse(numberRange(column.field));
  }

  #sized({ kind }: ProtobufField, column: Column, row: number, isFirst: boolean): void {
    const input = this.#input;
    const size = input.size();
    const start = input.at;
    if (input.isDamaged) return;
    if (kind === 'timestamp') {
      input.number[0] = isFirst ? 0 : column.numbers[row]!;
      this.#messages.timestamp(size);
      if (!putNumber(input.number, column, row)) this.#refuse(numberRange(column.field));
      return;
    }
    input.at += size;
    if (kind === 'json') {
      const trouble = this.#json.take(this.#fetch.bytes, start, input.at, column, row);
      if (trouble !== undefined) this.#refuse(trouble);
      return;
    }
    column.starts[row] = start;
    column.ends[row] = input.at;
  }

  #name(column: Column, name: ConstantText | undefined, row: number): void {
    if (name === undefined) this.#refuse(fieldType(column.field));
    else putConstant(name, this.#fetch, column, row);
  }

  /** A field that is not there is null, else the default of its type; a message and a text of JSON have none. */
  #missing({ field, column, names }: Target, row: number): void {
    if (column.field.nullable) putNull(column, row);
    else if (field.repeated) putConstant(EMPTY_LIST, this.#fetch, column, row);
    else if (field.kind === 'enum' && names.has(0)) putConstant(names.get(0)!, this.#fetch, column, row);
    else if (field.kind === 'string' || field.kind === 'bytes') putConstant(EMPTY, this.#fetch, column, row);
    else if (column.isText || field.kind === 'timestamp') this.#refuse(fieldMissing(column.field));
    else column.numbers[row] = 0;
  }

  #finish({ column }: Target, place: number, row: number): void {
    const value = this.#values[place];
    this.#values[place] = undefined;
    if (this.#trouble === undefined) putBytes(Buffer.from(JSON.stringify(value), 'utf8'), this.#fetch, column, row);
  }

  #refuse(trouble: Trouble): void {
    this.#trouble ??= trouble;
  }
}
