import type { AvroEnumType, AvroField, AvroFixedType, AvroPrimitive, AvroRecordType, AvroSchema, AvroType } from './avro-type.ts';
import { badSchema } from './avro-type.ts';

const PRIMITIVES: ReadonlySet<string> = new Set<AvroPrimitive>(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_DEPTH = 200;

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Reads a schema, given as its JSON or as text. `references` are schemas that it names types of, those first that the others need.
 * Throws AVRO_SCHEMA.
 */
export function parseAvroSchema(schema: AvroSchema, references: readonly AvroSchema[] = []): AvroType {
  const parser = new SchemaParser();
  for (const reference of references) parser.parse(jsonOf(reference), '', 0);
  return parser.parse(jsonOf(schema), '', 0);
}

/** Text is a schema in JSON, or the bare name of a primitive type. */
function jsonOf(schema: AvroSchema): unknown {
  if (typeof schema !== 'string' || PRIMITIVES.has(schema)) return schema;
  try {
    return JSON.parse(schema) as unknown;
  } catch (error) {
    throw badSchema('it is not JSON', error);
  }
}

class SchemaParser {
  readonly #named = new Map<string, AvroType>();

  parse(schema: unknown, namespace: string, depth: number): AvroType {
    if (depth > MAX_DEPTH) throw badSchema(`it nests deeper than ${MAX_DEPTH}`);
    if (typeof schema === 'string') return this.#reference(schema, namespace);
    if (Array.isArray(schema)) return this.#union(schema, namespace, depth);
    if (typeof schema !== 'object' || schema === null) throw badSchema(`${JSON.stringify(schema)} is no type`);
    const attributes = schema as Attributes;
    const { type } = attributes;
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(attributes, namespace, depth);
      case 'enum':
        return this.#enum(attributes, namespace);
      case 'fixed':
        return this.#fixed(attributes, namespace);
      case 'array':
        return { kind: 'array', items: this.parse(attributes['items'], namespace, depth + 1) };
      case 'map':
        return { kind: 'map', values: this.parse(attributes['values'], namespace, depth + 1) };
      default:
        if (typeof type === 'string' && PRIMITIVES.has(type)) return { kind: type as AvroPrimitive, ...logicalOf(attributes) };
        return this.parse(type, namespace, depth + 1);
    }
  }

  #reference(name: string, namespace: string): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name as AvroPrimitive, logical: undefined, scale: 0 };
    const type = this.#named.get(qualified(name, namespace)) ?? this.#named.get(name);
    if (type === undefined) throw badSchema(`it names ${name}, which is not defined before`);
    return type;
  }

  #union(schema: readonly unknown[], namespace: string, depth: number): AvroType {
    const branches = schema.map((branch) => this.parse(branch, namespace, depth + 1));
    if (branches.some(({ kind }) => kind === 'union')) throw badSchema('a union holds a union');
    const labels = branches.map((branch) => ('name' in branch ? branch.name : branch.kind));
    if (new Set(labels).size < labels.length) throw badSchema(`a union holds ${labels.join(', ')}, one of them twice`);
    return { kind: 'union', branches };
  }

  #record(attributes: Attributes, namespace: string, depth: number): AvroRecordType {
    const fields: AvroField[] = [];
    const record: AvroRecordType = { kind: 'record', ...namesOf(attributes, namespace), fields };
    this.#define(record);
    const inner = record.name.slice(0, Math.max(0, record.name.lastIndexOf('.')));
    for (const each of listOf(attributes['fields'], 'fields', record.name)) {
      const field = each as Attributes | null;
      if (typeof field !== 'object' || field === null) throw badSchema(`a field of ${record.name} is no object`);
      const name = checkedName(field['name']);
      if (fields.some((other) => other.name === name)) throw badSchema(`${record.name} has two fields ${name}`);
      fields.push({ name, aliases: aliasesOf(field), type: this.parse(field['type'], inner, depth + 1), fallback: field['default'] });
    }
    return record;
  }

  #enum(attributes: Attributes, namespace: string): AvroEnumType {
    const names = namesOf(attributes, namespace);
    const symbols = listOf(attributes['symbols'], 'symbols', names.name).map(checkedName);
    const fallback = attributes['default'];
    if (fallback !== undefined && !symbols.includes(fallback as string)) throw badSchema(`the default of ${names.name} is none of its symbols`);
    const type: AvroEnumType = { kind: 'enum', ...names, symbols, fallback: fallback as string | undefined };
    this.#define(type);
    return type;
  }

  #fixed(attributes: Attributes, namespace: string): AvroFixedType {
    const names = namesOf(attributes, namespace);
    const size = attributes['size'] as number;
    if (!Number.isSafeInteger(size) || size < 0) throw badSchema(`the size of ${names.name} is no whole number`);
    const type: AvroFixedType = { kind: 'fixed', ...names, size, ...logicalOf(attributes) };
    this.#define(type);
    return type;
  }

  #define(type: AvroRecordType | AvroEnumType | AvroFixedType): void {
    if (this.#named.has(type.name)) throw badSchema(`${type.name} is defined twice`);
    this.#named.set(type.name, type);
  }
}

function logicalOf(attributes: Attributes): { readonly logical: string | undefined; readonly scale: number } {
  const { logicalType, scale } = attributes;
  return { logical: typeof logicalType === 'string' ? logicalType : undefined, scale: Number.isSafeInteger(scale) ? (scale as number) : 0 };
}

function namesOf(attributes: Attributes, enclosing: string): { readonly name: string; readonly aliases: readonly string[] } {
  const { name, namespace } = attributes;
  if (typeof name !== 'string') throw badSchema('a record, enum or fixed has no name');
  const full = qualified(name, typeof namespace === 'string' ? namespace : enclosing);
  for (const part of full.split('.')) checkedName(part);
  return { name: full, aliases: aliasesOf(attributes) };
}

function aliasesOf({ aliases }: Attributes): readonly string[] {
  return Array.isArray(aliases) ? aliases.map(String) : [];
}

function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function listOf(value: unknown, attribute: string, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw badSchema(`${name} has no list of ${attribute}`);
  return value;
}

function checkedName(name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw badSchema(`${JSON.stringify(name)} is no name`);
}
