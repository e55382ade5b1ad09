import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { ByteWriter } from '../byte-writer.ts';
import { decimalBytes } from './avro-decimal.ts';
import { defaultOf } from './avro-default.ts';
import type { AvroField, AvroFixedType, AvroPrimitiveType, AvroRecordType, AvroType, AvroUnionType } from './avro-type.ts';
import { badSchema } from './avro-type.ts';

/**
 * Makes the function that writes rows as records of a schema; with an id in front, in Confluent's wire format. Throws AVRO_SCHEMA when
 * the schema has a field without default that rows do not have; the function throws AVRO_VALUE for a row that does not fit.
 */
export function avroEncoder<T>(schema: RecordSchema<T>, writer: AvroType, id?: number): (row: T) => Uint8Array {
  if (writer.kind !== 'record') throw badSchema(`rows are written as a record, not as a ${writer.kind}`);
  const out = new AvroOutput();
  const fields = writer.fields.map((field) => {
    const own = schema.fields.find(({ name }) => name === field.name);
    if (own === undefined && field.fallback === undefined) throw badSchema(`${schema.name} has no field ${field.name}, and it has no default`);
    return { field, isTime: own?.type === 'timestamp', fallback: own === undefined ? defaultOf(field.type, field.fallback) : null };
  });
  return (row) => {
    out.begin(id);
    for (const { field, isTime, fallback } of fields) {
      const value = (row as Record<string, unknown>)[field.name] ?? fallback;
      if (!out.take(field.type, isTime ? fromMilliseconds(value, field.type) : value)) throw unfit(field, value);
    }
    return out.finish();
  };
}

function unfit({ name, type }: AvroField, value: unknown): WeirError {
  return new WeirError('AVRO_VALUE', `Field '${name}' cannot be written as ${type.kind}: ${String(JSON.stringify(value)).slice(0, 100)}.`, { remedy: 'Give the field a value of its type.' });
}

const UNITS_PER_MILLISECOND: Readonly<Record<string, number>> = { 'timestamp-micros': 1e3, 'local-timestamp-micros': 1e3, 'timestamp-nanos': 1e6, 'local-timestamp-nanos': 1e6, date: 1 / 86_400_000 };

/** An instant in the unit of the type that it is written as. */
function fromMilliseconds(value: unknown, type: AvroType): unknown {
  const whole = type.kind === 'union' ? type.branches.find(({ kind }) => kind === 'long' || kind === 'int') : type;
  const unit = whole !== undefined && 'logical' in whole ? (UNITS_PER_MILLISECOND[whole.logical ?? ''] ?? 1) : 1;
  return typeof value === 'number' ? Math.floor(value * unit) : value;
}

/** How far a value may be from what is written of it, the least first. */
const EXACT = 0;
/** Members that it lacks are written by their defaults. */
const FILLED = 1;
/** Its numbers may be rounded besides. */
const ROUNDED = 2;
type Loss = typeof EXACT | typeof FILLED | typeof ROUNDED;

class AvroOutput {
  readonly #out = new ByteWriter();

  begin(id: number | undefined): void {
    this.#out.clear();
    if (id === undefined) return;
    this.#out.byte(0);
    this.#out.int32BE(id);
  }

  finish(): Uint8Array {
    return this.#out.finish();
  }

  /** Writes a value; false when the type does not take it at this loss, and then what was written is of no use. */
  take(type: AvroType, value: unknown, loss: Loss = ROUNDED): boolean {
    switch (type.kind) {
      case 'union':
        return this.#union(type, value, loss);
      case 'record':
        return this.#record(type, value, loss);
      case 'array':
        return Array.isArray(value) && this.#block(value.length, () => value.every((item) => this.take(type.items, item, loss)));
      case 'map': {
        if (!isObject(value)) return false;
        const entries = Object.entries(value);
        return this.#block(entries.length, () => entries.every(([key, item]) => this.#text(key) && this.take(type.values, item, loss)));
      }
      case 'enum': {
        const symbol = type.symbols.indexOf(value as string);
        if (symbol >= 0) this.#out.zigzag(symbol);
        return symbol >= 0;
      }
      case 'bytes':
      case 'fixed':
        return this.#bytes(type, value);
      default:
        return this.#primitive(type, value, loss);
    }
  }

  #primitive({ kind, logical }: AvroPrimitiveType, value: unknown, loss: Loss): boolean {
    switch (kind) {
      case 'null':
        return value === null;
      case 'boolean':
        if (typeof value === 'boolean') this.#out.byte(value ? 1 : 0);
        return typeof value === 'boolean';
      case 'int':
      case 'long': {
        const takes = Number.isSafeInteger(value) && (kind === 'long' || value === ((value as number) | 0));
        // Whole numbers have no -0.
        if (loss < ROUNDED && Object.is(value, -0)) return false;
        if (takes) this.#out.zigzag(value as number);
        return takes;
      }
      case 'float':
      case 'double':
        if (typeof value !== 'number' || (loss < ROUNDED && kind === 'float' && !Object.is(Math.fround(value), value))) return false;
        if (kind === 'float') this.#out.float(value);
        else this.#out.double(value);
        return true;
      default:
        if (logical === 'json') return value !== undefined && value !== null && this.#text(JSON.stringify(value));
        return typeof value === 'string' && this.#text(value);
    }
  }

  #text(text: string): boolean {
    const bytes = Buffer.byteLength(text);
    this.#out.zigzag(bytes);
    this.#out.text(text, bytes);
    return true;
  }

  /** A decimal is given as its text, other bytes as a text of code points up to 255. */
  #bytes(type: AvroPrimitiveType | AvroFixedType, value: unknown): boolean {
    if (typeof value !== 'string') return false;
    const size = type.kind === 'fixed' ? type.size : undefined;
    const bytes = type.logical === 'decimal' ? decimalBytes(value, type.scale, size) : /^[\0-\xff]*$/.test(value) ? Buffer.from(value, 'latin1') : undefined;
    if (bytes === undefined || (size !== undefined && bytes.length !== size)) return false;
    if (size === undefined) this.#out.zigzag(bytes.length);
    this.#out.raw(bytes);
    return true;
  }

  /** The first of the branches that take the value with the least loss. */
  #union({ branches }: AvroUnionType, value: unknown, most: Loss): boolean {
    const before = this.#out.length;
    for (let loss: number = EXACT; loss <= most; loss++) {
      for (const [index, branch] of branches.entries()) {
        this.#out.zigzag(index);
        if (this.take(branch, value, loss as Loss)) return true;
        this.#out.cut(before);
      }
    }
    return false;
  }

  #record({ fields }: AvroRecordType, value: unknown, loss: Loss): boolean {
    // A member that nobody writes would be lost.
    if (!isObject(value) || !Object.keys(value).every((key) => fields.some(({ name }) => name === key))) return false;
    return fields.every(({ name, type, fallback }) => {
      if (Object.hasOwn(value, name)) return this.take(type, value[name], loss);
      return loss > EXACT && this.take(type, fallback === undefined ? null : defaultOf(type, fallback), loss);
    });
  }

  #block(count: number, items: () => boolean): boolean {
    if (count > 0) {
      this.#out.zigzag(count);
      if (!items()) return false;
    }
    this.#out.byte(0);
    return true;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
