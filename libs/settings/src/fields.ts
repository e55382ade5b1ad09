import { Type } from 'typebox';
import type { TObject, TProperties } from 'typebox';

/** What a setting says of itself, beside its type. */
export interface Wording {
  /** One phrase, for --help. */
  readonly about: string;
  /** What stands for the value in --help, e.g. `DIR`. */
  readonly placeholder?: string;
  /** The environment variable; default `WEIR_` and the path in capitals. */
  readonly environment?: string;
}

/** How much of a setting must not be shown: all of it, which is then given by reference, or the password in a URL. */
export type Secrecy = 'reference' | 'url';

interface Ranged extends Wording {
  readonly default?: number;
  /** Inclusive. */
  readonly minimum: number;
  /** Inclusive. */
  readonly maximum: number;
}

function worded<T extends Wording>({ about, ...rest }: T) {
  return { description: about, ...rest };
}

/** Any text that is not empty. */
export function text(wording: Wording & { readonly default?: string }) {
  return Type.String({ placeholder: 'TEXT', minLength: 1, ...worded(wording) });
}

/** Text of a form; `expects` says of which, for the error. */
export function textLike(pattern: string, expects: string, wording: Wording & { readonly default?: string }) {
  return Type.String({ placeholder: 'TEXT', pattern, expects, ...worded(wording) });
}

/** Where a service is. The password in it is not shown. */
export function url(protocols: readonly string[], wording: Wording) {
  return Type.String({ placeholder: 'URL', pattern: `^(${protocols.join('|')})://[^\\s]+$`, expects: `a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`, secret: 'url' as const, ...worded(wording) });
}

/** A secret: given as `file:PATH` or `env:NAME`, read as what is there. */
export function secret(wording: Wording) {
  return Type.String({ placeholder: 'file:PATH|env:NAME', minLength: 1, secret: 'reference' as const, ...worded(wording) });
}

/** A whole number in a range. */
export function wholeNumber(wording: Ranged) {
  return Type.Integer({ placeholder: 'N', ...worded(wording) });
}

/** A number in a range. */
export function decimalNumber(wording: Ranged) {
  return Type.Number({ placeholder: 'N', ...worded(wording) });
}

/** True or false; on the command line `--name` or `--no-name`. */
export function flag(wording: Wording & { readonly default?: boolean }) {
  return Type.Boolean({ default: false, ...worded(wording) });
}

/** One of some words. */
export function choice<const T extends readonly string[]>(words: T, wording: Wording & { readonly default?: T[number] }) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...words], placeholder: words.join('|'), ...worded(wording) });
}

/** Several texts; in a file an array, elsewhere with commas between. */
export function list<T extends string = string>(wording: Wording & { readonly default?: readonly T[]; readonly words?: readonly T[]; readonly pattern?: string; readonly expects?: string }) {
  const { words, pattern, ...rest } = wording;
  const items = { type: 'string', ...(words === undefined ? { minLength: 1 } : { enum: [...words] }), ...(pattern === undefined ? {} : { pattern }) };
  return Type.Unsafe<readonly T[]>({ type: 'array', items, minItems: 1, placeholder: 'A,B,…', ...worded(rest) });
}

/** Settings that belong together; their names begin with that of the group. */
export function group<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties);
}

/** Settings that may be left out: a group is there as soon as one of its settings is. */
export const optional = Type.Optional;
