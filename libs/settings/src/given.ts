import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { WeirError } from '@weir/model';
import type { Leaf } from './leaf.ts';
import { missing, unknown } from './setting-error.ts';

/** A value, and where it was given: for messages. */
export interface Given {
  readonly value: unknown;
  /** `--rate`, `WEIR_RATE` or the path of a file. */
  readonly from: string;
}

/** What the command line says. */
export interface CommandLine {
  readonly help: boolean;
  readonly printConfig: boolean;
  readonly config: string | undefined;
  readonly values: ReadonlyMap<Leaf, Given>;
}

const GENERAL = { help: { type: 'boolean', short: 'h' }, 'print-config': { type: 'boolean' }, config: { type: 'string' } } as const;

/** Reads the command line. Throws SETTING_UNKNOWN and SETTING_MISSING. */
export function fromCommandLine(leaves: readonly Leaf[], argv: readonly string[]): CommandLine {
  const options: ParseArgsOptionsConfig = { ...GENERAL };
  for (const { option, field } of leaves) options[option] = { type: field.type === 'boolean' ? 'boolean' : 'string' };
  // Not strict, as its messages know nothing of settings.
  const { tokens } = parseArgs({ args: [...argv], options, allowNegative: true, allowPositionals: true, strict: false, tokens: true });
  const general = new Map<string, string | true>();
  const values = new Map<Leaf, Given>();
  for (const token of tokens) {
    if (token.kind === 'positional') throw new WeirError('SETTING_UNKNOWN', `'${token.value}' stands alone on the command line.`, { remedy: 'Settings begin with two dashes; --help names them.' });
    if (token.kind !== 'option') continue;
    const negated = /^no-/.test(token.name) && !leaves.some(({ option }) => option === token.name);
    const name = negated ? token.name.slice(3) : token.name;
    const leaf = leaves.find(({ option }) => option === name);
    const from = token.rawName;
    if (leaf?.field.type === 'boolean') values.set(leaf, { value: token.value ?? (token.rawName.startsWith('--no-') ? 'false' : 'true'), from });
    else if (leaf !== undefined && !negated) values.set(leaf, { value: valueOf(leaf, token.value), from });
    else if (Object.hasOwn(GENERAL, token.name)) general.set(token.name, token.value ?? true);
    else throw unknown(token.rawName.replace(/^-+/, ''), 'command line', [...leaves.map(({ option }) => option), ...Object.keys(GENERAL)], (option) => `--${option}`);
  }
  const config = general.get('config');
  if (config === true) throw new WeirError('SETTING_MISSING', 'After --config there is no file.', { remedy: 'Name a JSON file with settings.' });
  return { help: general.has('help'), printConfig: general.has('print-config'), config, values };
}

function valueOf(leaf: Leaf, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw missing(leaf, `, as --${leaf.option} has no value`);
}

/** Reads the environment; a variable that is empty counts as none. */
export function fromEnvironment(leaves: readonly Leaf[], environment: Readonly<Record<string, string | undefined>>): ReadonlyMap<Leaf, Given> {
  return new Map(leaves.flatMap((leaf) => {
    const value = environment[leaf.variable];
    return value === undefined || value === '' ? [] : [[leaf, { value, from: leaf.variable }] as const];
  }));
}

/** Reads a JSON file. Throws SETTING_INVALID when it cannot be read, and SETTING_UNKNOWN for what is no setting. */
export function fromFile(leaves: readonly Leaf[], path: string): ReadonlyMap<Leaf, Given> {
  const values = new Map<Leaf, Given>();
  const walk = (value: unknown, at: readonly string[]): void => {
    const name = at.join('.');
    const leaf = leaves.find((candidate) => candidate.name === name);
    if (leaf !== undefined) {
      values.set(leaf, { value, from: path });
      return;
    }
    const isGroup = at.length === 0 || leaves.some((candidate) => candidate.name.startsWith(`${name}.`));
    if (!isGroup) throw unknown(name, path, leaves.map((candidate) => candidate.name), (known) => `"${known}"`);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new WeirError('SETTING_INVALID', `${name === '' ? 'The settings' : `"${name}"`} in ${path} are no JSON object.`, { remedy: 'Write settings by name, in braces.' });
    }
    for (const [key, inner] of Object.entries(value)) walk(inner, [...at, key]);
  };
  walk(parsed(path), []);
  return values;
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new WeirError('SETTING_INVALID', `The file of settings ${path} ${why}: ${cause instanceof Error ? cause.message : String(cause)}.`, { remedy: 'Name with --config a JSON file that this user may read.', cause });
  }
}
