import type { TObject, TSchema } from 'typebox';
import type { Secrecy } from './fields.ts';

/** As much of JSON Schema as the fields of settings are made of, and what they say of themselves. */
export interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly environment?: string;
  readonly secret?: Secrecy;
  readonly expects?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

/** One setting, wherever in the schema it lies. */
export interface Leaf {
  /** E.g. `['kafka', 'sasl', 'password']`. */
  readonly path: readonly string[];
  /** In messages and files: `kafka.sasl.password`. */
  readonly name: string;
  /** On the command line, without dashes: `kafka-sasl-password`. */
  readonly option: string;
  /** In the environment: `WEIR_KAFKA_SASL_PASSWORD`. */
  readonly variable: string;
  readonly field: FieldSchema;
  /** What TypeBox checks a value against. */
  readonly schema: TSchema;
}

/** The settings of a schema, in its order. */
export function leavesOf(schema: TObject, path: readonly string[] = []): readonly Leaf[] {
  return Object.entries((schema as FieldSchema).properties ?? {}).flatMap(([key, field]) => {
    const own = [...path, key];
    if (field.properties !== undefined) return leavesOf(field as TObject, own);
    const words = own.flatMap((part) => part.split(/(?=[A-Z])/)).map((word) => word.toLowerCase());
    return [{ path: own, name: own.join('.'), option: words.join('-'), variable: field.environment ?? `WEIR_${words.join('_').toUpperCase()}`, field, schema: field as TSchema }];
  });
}

/** What a value of a setting may be, as a phrase that follows "is not". */
export function expectation({ type, enum: words, minimum, maximum, items, expects }: FieldSchema): string {
  if (expects !== undefined) return expects;
  if (words !== undefined) return `one of ${words.join(', ')}`;
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`;
  if (type === 'number') return `a number from ${minimum} to ${maximum}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return items?.enum === undefined ? 'a list, with commas between' : `a list of ${items.enum.join(', ')}, with commas between`;
  return 'text';
}
