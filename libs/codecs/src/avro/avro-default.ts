import type { AvroType } from './avro-type.ts';
import { badSchema } from './avro-type.ts';
import { decimalText, wholeOf } from './avro-decimal.ts';

/**
 * A default of a schema as the value that it stands for: bytes are a text of code points up to 255, a decimal is its text, a union is
 * the value of the first branch that takes it. Throws AVRO_SCHEMA when the type does not take it.
 */
export function defaultOf(type: AvroType, value: unknown): unknown {
  const read = valueOf(type, value);
  if (read === undefined) throw badSchema(`${JSON.stringify(value)} is no default for ${type.kind}`);
  return read;
}

/** Undefined when the type does not take it. */
function valueOf(type: AvroType, value: unknown): unknown {
  switch (type.kind) {
    case 'null':
      return value === null ? null : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'int':
    case 'long':
      return Number.isSafeInteger(value) ? value : undefined;
    case 'float':
    case 'double':
      return Number.isFinite(value) ? value : undefined;
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'bytes':
    case 'fixed':
      if (typeof value !== 'string' || (type.kind === 'fixed' && value.length !== type.size)) return undefined;
      return type.logical === 'decimal' ? decimalText(wholeOf(Buffer.from(value, 'latin1')), type.scale) : value;
    case 'enum':
      return type.symbols.includes(value as string) ? value : undefined;
    case 'union':
      return type.branches.map((branch) => valueOf(branch, value)).find((read) => read !== undefined);
    case 'array':
      return Array.isArray(value) ? all(value.map((item) => valueOf(type.items, item))) : undefined;
    default:
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  }
  const members = value as Readonly<Record<string, unknown>>;
  const names = type.kind === 'map' ? Object.keys(members) : type.fields.map(({ name }) => name);
  const items = all(
    type.kind === 'map'
      ? Object.values(members).map((item) => valueOf(type.values, item))
      : type.fields.map((field) => valueOf(field.type, Object.hasOwn(members, field.name) ? members[field.name] : field.fallback)),
  );
  return items === undefined ? undefined : Object.fromEntries(names.map((name, i) => [name, items[i]]));
}

/** Undefined when one of them is. */
function all(values: readonly unknown[]): readonly unknown[] | undefined {
  return values.includes(undefined) ? undefined : values;
}
