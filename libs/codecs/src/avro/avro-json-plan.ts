import { ConstantText } from '../fetch-bytes.ts';
import { defaultOf } from './avro-default.ts';
import { readingBranch, writtenField } from './avro-resolution.ts';
import type { AvroRecordType, AvroType } from './avro-type.ts';

/** Whose bytes stand together, their number before them where the type does not say it. */
export type SizedReading = Extract<JsonReading, { readonly kind: 'string' | 'bytes' | 'fixed' | 'decimal' }>;

/** How a written value becomes JSON. */
export type JsonReading =
  | { readonly kind: 'null' | 'boolean' | 'long' | 'double' | 'float' }
  | { readonly kind: 'bytes' | 'string' }
  | { readonly kind: 'fixed'; readonly size: number }
  /** `size` is undefined when the value says how long it is. */
  | { readonly kind: 'decimal'; readonly size: number | undefined; readonly scale: number }
  /** By number of the symbol, its JSON; undefined when the reader does not take it. */
  | { readonly kind: 'enum'; readonly symbols: readonly (ConstantText | undefined)[] }
  | { readonly kind: 'array' | 'map'; item: JsonReading }
  | { readonly kind: 'union'; readonly branches: readonly JsonReading[] }
  | { readonly kind: 'record'; readonly members: JsonMember[]; rest: ConstantText | undefined }
  /** Written, and no type of the reader takes it. */
  | { readonly kind: 'refused'; readonly type: AvroType };

export interface JsonMember {
  /** `"name":` of a member that the reader has; undefined when it is to be passed over. */
  readonly label: ConstantText | undefined;
  readonly reading: JsonReading;
  readonly type: AvroType;
}

/** Plans for pairs of types, each made once, so that a type that holds itself has a plan that holds itself. */
export class JsonPlanner {
  readonly #plans = new Map<AvroType, Map<AvroType | undefined, JsonReading>>();

  /** Without a reader's type everything is read as it was written. */
  plan(writer: AvroType, reader: AvroType | undefined): JsonReading {
    const plans = this.#plans.get(writer) ?? new Map<AvroType | undefined, JsonReading>();
    this.#plans.set(writer, plans);
    const known = plans.get(reader);
    if (known !== undefined) return known;
    const keep = (reading: JsonReading): JsonReading => {
      plans.set(reader, reading);
      return reading;
    };
    if (writer.kind === 'union') return keep({ kind: 'union', branches: writer.branches.map((branch) => this.plan(branch, reader)) });
    const target = reader === undefined ? undefined : readingBranch(writer, reader);
    if (reader !== undefined && target === undefined) return keep({ kind: 'refused', type: writer });
    return this.#resolved(writer, target, keep);
  }

  /** `reader` takes `writer` and is no union. */
  #resolved(writer: Exclude<AvroType, { kind: 'union' }>, reader: AvroType | undefined, keep: (reading: JsonReading) => JsonReading): JsonReading {
    switch (writer.kind) {
      case 'int':
        return keep({ kind: 'long' });
      case 'string':
        return keep({ kind: reader?.kind === 'bytes' ? 'bytes' : 'string' });
      case 'bytes':
        return keep(writer.logical === 'decimal' ? { kind: 'decimal', size: undefined, scale: writer.scale } : { kind: reader?.kind === 'string' ? 'string' : 'bytes' });
      case 'fixed':
        return keep(writer.logical === 'decimal' ? { kind: 'decimal', size: writer.size, scale: writer.scale } : { kind: 'fixed', size: writer.size });
      case 'enum':
        return keep({ kind: 'enum', symbols: readSymbols(writer.symbols, reader).map((symbol) => (symbol === undefined ? undefined : new ConstantText(JSON.stringify(symbol)))) });
      case 'array':
      case 'map': {
        const [from, to] = [itemOf(writer), reader === undefined ? undefined : itemOf(reader)];
        const reading: JsonReading & { readonly kind: 'array' | 'map' } = { kind: writer.kind, item: NOTHING };
        keep(reading);
        reading.item = this.plan(from!, to);
        return reading;
      }
      case 'record': {
        const reading: JsonReading & { readonly kind: 'record' } = { kind: 'record', members: [], rest: undefined };
        keep(reading);
        this.#members(writer, reader?.kind === 'record' ? reader : undefined, reading);
        return reading;
      }
      default:
        return keep({ kind: writer.kind });
    }
  }

  #members(writer: AvroRecordType, reader: AvroRecordType | undefined, into: JsonReading & { readonly kind: 'record' }): void {
    const target = reader?.fields ?? writer.fields;
    for (const field of writer.fields) {
      const read = target.find((each) => (reader === undefined ? each : writtenField(writer, each)) === field);
      if (read === undefined) into.members.push({ label: undefined, reading: NOTHING, type: field.type });
      else into.members.push({ label: new ConstantText(`${JSON.stringify(read.name)}:`), reading: this.plan(field.type, reader === undefined ? undefined : read.type), type: field.type });
    }
    const missing = reader === undefined ? [] : reader.fields.filter((field) => writtenField(writer, field) === undefined);
    const texts = missing.map(({ name, type, fallback }) => `${JSON.stringify(name)}:${JSON.stringify(defaultOf(type, fallback))}`);
    if (texts.length > 0) into.rest = new ConstantText(texts.join());
  }
}

const NOTHING: JsonReading = { kind: 'null' };

function itemOf(type: AvroType): AvroType | undefined {
  return type.kind === 'array' ? type.items : type.kind === 'map' ? type.values : undefined;
}

/** By number of a written symbol what the reader takes it for; undefined when it does not know it and has no default. */
export function readSymbols(symbols: readonly string[], reader: AvroType | undefined): readonly (string | undefined)[] {
  if (reader?.kind !== 'enum') return symbols;
  return symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : reader.fallback));
}
