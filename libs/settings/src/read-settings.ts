import { Value } from 'typebox/value';
import type { Static, TObject, TSchema } from 'typebox';
import { fromCommandLine, fromEnvironment, fromFile } from './given.ts';
import type { Given } from './given.ts';
import { helpOf } from './help.ts';
import { leavesOf } from './leaf.ts';
import type { FieldSchema, Leaf } from './leaf.ts';
import { isReference, resolved, shownAs } from './secrets.ts';
import { invalid, missing } from './setting-error.ts';

/** The settings of a program, as an immutable value. */
export interface AppSettings<S extends TObject> {
  /** How it is called, e.g. `npm run speed --`. */
  readonly usage: string;
  /** What it does, in a sentence. */
  readonly about: string;
  readonly schema: S;
}

/** Where settings come from, and what is printed goes. */
export interface SettingsInput {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (text: string) => void;
}

const PROCESS: SettingsInput = { argv: process.argv.slice(2), environment: process.env, say: (text) => console.log(text) };

/**
 * The settings of a program: defaults, then the file, then the environment, then the command line. Undefined when all that was asked for was
 * --help or --print-config, which is then printed. Throws SETTING_UNKNOWN, SETTING_MISSING or SETTING_INVALID.
 */
export function readSettings<S extends TObject>(app: AppSettings<S>, input: Partial<SettingsInput> = {}): Static<S> | undefined {
  const { argv, environment, say } = { ...PROCESS, ...input };
  const leaves = leavesOf(app.schema);
  const line = fromCommandLine(leaves, argv);
  if (line.help) {
    say(helpOf(app));
    return undefined;
  }
  const file = line.config ?? environment['WEIR_CONFIG'];
  const given = new Map([...(file === undefined || file === '' ? [] : fromFile(leaves, file)), ...fromEnvironment(leaves, environment), ...line.values]);
  const values = new Map(leaves.flatMap((leaf) => {
    const value = valueOf(leaf, given.get(leaf));
    return value === undefined ? [] : [[leaf, value] as const];
  }));
  const isGiven = (leaf: Leaf): boolean => given.has(leaf);
  const settings = assembled(app.schema, [], leaves, (leaf) => resolvedValue(leaf, values.get(leaf), given.get(leaf)?.from ?? 'default', environment), isGiven);
  if (!line.printConfig) return settings as Static<S>;
  say(JSON.stringify(assembled(app.schema, [], leaves, (leaf) => shownAs(leaf, values.get(leaf)), isGiven), null, 2));
  return undefined;
}

/** The value of a setting, checked; a reference to one is checked where it is resolved. Throws SETTING_INVALID. */
function valueOf(leaf: Leaf, given: Given | undefined): unknown {
  if (given === undefined) return leaf.field.default;
  const value = typeof given.value === 'string' && given.from !== '' ? fromText(leaf.field, given.value) : given.value;
  if (leaf.field.secret !== undefined && typeof value === 'string' && isReference(value)) return value;
  if (Value.Check(leaf.schema, value)) return value;
  throw invalid(leaf, given.from, shownText(leaf, given.value));
}

function resolvedValue(leaf: Leaf, value: unknown, from: string, environment: SettingsInput['environment']): unknown {
  const found = resolved(leaf, value, environment);
  if (found === value || Value.Check(leaf.schema, found)) return found;
  throw invalid(leaf, from, shownText(leaf, value));
}

function shownText(leaf: Leaf, value: unknown): string {
  const shown = shownAs(leaf, value);
  return typeof shown === 'string' ? `'${shown}'` : JSON.stringify(shown);
}

/** What text means for a setting; text that means nothing stays as it is, and is refused by the check. */
function fromText({ type }: FieldSchema, text: string): unknown {
  switch (type) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
    case 'array':
      return text.split(',').map((part) => part.trim());
    default:
      return text;
  }
}

/** The settings as the schema nests them. An optional group is there when one of its settings was given. */
function assembled(schema: TSchema, path: readonly string[], leaves: readonly Leaf[], valueAt: (leaf: Leaf) => unknown, isGiven: (leaf: Leaf) => boolean): Record<string, unknown> {
  const { properties = {}, required = [] } = schema as FieldSchema;
  const entries = Object.entries(properties).flatMap(([key, field]): [string, unknown][] => {
    const own = [...path, key];
    const isRequired = required.includes(key);
    if (field.properties !== undefined) {
      const inside = leaves.filter((leaf) => leaf.name.startsWith(`${own.join('.')}.`));
      return isRequired || inside.some(isGiven) ? [[key, assembled(field as TSchema, own, leaves, valueAt, isGiven)]] : [];
    }
    const leaf = leaves.find(({ name }) => name === own.join('.'))!;
    const value = valueAt(leaf);
    if (value === undefined && isRequired) throw missing(leaf);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}
