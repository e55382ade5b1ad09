import { readFileSync } from 'node:fs';
import { WeirError } from '@weir/model';
import type { Leaf } from './leaf.ts';
import { waysOf } from './setting-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a value may be shown as: a reference is no secret, a password in a URL is. */
export function shownAs({ field }: Leaf, value: unknown): unknown {
  if (typeof value !== 'string' || field.secret === undefined) return value;
  if (field.secret === 'reference') return isReference(value) ? value : '***';
  return isReference(value) ? value : withoutPassword(value);
}

/** The value that a setting stands for: what is in the file or the variable that it names. Throws SETTING_INVALID. */
export function resolved(leaf: Leaf, value: unknown, environment: Environment): unknown {
  if (leaf.field.secret === undefined || typeof value !== 'string') return value;
  const [, kind, place] = /^(file|env):(.+)$/s.exec(value) ?? [];
  if (kind === undefined || place === undefined) {
    if (leaf.field.secret === 'url') return value;
    throw refused(leaf, 'stands there in plain text', 'Put it into a file or a variable, and refer to it by file:PATH or env:NAME.');
  }
  const found = kind === 'env' ? environment[place] : contentOf(leaf, place);
  if (found !== undefined && found !== '') return found;
  throw refused(leaf, `refers to ${kind === 'env' ? `the variable ${place}` : `the file ${place}`}, which is not there or empty`, waysOf(leaf));
}

function contentOf(leaf: Leaf, path: string): string {
  try {
    // An editor ends a file with a line break; the secret has none.
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw refused(leaf, `refers to the file ${path}, which cannot be read`, 'Name a file that this user may read.', cause);
  }
}

function refused({ name }: Leaf, what: string, remedy: string, cause?: unknown): WeirError {
  return new WeirError('SETTING_INVALID', `The setting '${name}' ${what}.`, { remedy, cause });
}

/** True for `file:PATH` and `env:NAME`. */
export function isReference(value: string): boolean {
  return /^(file|env):./s.test(value);
}

/** A URL as it may be shown; whatever cannot be read as one is hidden whole. */
function withoutPassword(value: string): string {
  if (!URL.canParse(value)) return '***';
  const url = new URL(value);
  if (url.password !== '') url.password = '***';
  for (const name of [...url.searchParams.keys()]) if (/password|secret|token|key/i.test(name)) url.searchParams.set(name, '***');
  return url.href;
}
