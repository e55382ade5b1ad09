import type { BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';
import type { Selector } from './value-reader.ts';

/** What an aggregate can keep of a row: anything that JSON holds, and infinities. Null is no value. */
export type Kept = string | number | boolean | object;

const BOOLEAN = 0;
const NUMBER = 1;
const TEXT = 2;
const OBJECT = 3;

/** Reads a value to keep; null, undefined and NaN are null. Answers what the row holds: who keeps it takes `copyOf` it. */
export function keptOf(selector: Selector<never, unknown>): (row: unknown) => Kept | null {
  const read = typeof selector === 'string' ? (row: unknown) => (row as Record<string, unknown>)[selector] : (selector as (row: unknown) => unknown);
  return (row) => {
    const value = read(row);
    if (value === undefined || value === null) return null;
    if (typeof value === 'number') return Number.isNaN(value) ? null : value + 0;
    return value as Kept;
  };
}

/** The value as JSON would give it back, so that a restart changes nothing; a row outlives its batch this way. Throws AGGREGATE_VALUE. */
export function copyOf(value: Kept): Kept {
  if (typeof value === 'object') return plain(value) as Kept;
  if (typeof value === 'function' || (typeof value as string) === 'bigint' || (typeof value as string) === 'symbol') throw notJson(value);
  return value;
}

function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'bigint') throw notJson(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => (isLeftOut(each) ? null : plain(each)));
  const own = value as Record<string, unknown>;
  if (typeof own['toJSON'] === 'function') return plain((own['toJSON'] as () => unknown)());
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(own)) if (!isLeftOut(own[name])) copy[name] = plain(own[name]);
  return copy;
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function notJson(value: unknown): WeirError {
  return new WeirError('AGGREGATE_VALUE', `A value of type ${typeof value} cannot be kept.`, { remedy: 'Give the aggregate a text, a number, a truth value, or an object of these.' });
}

/**
 * Below 0 when `a` comes before `b`, 0 only when they are the same. False, true, then numbers, then texts by UTF-16 code units, then
 * objects by their JSON text with sorted names. The one order by which aggregates decide between values, so that chance never does.
 */
export function compareKept(a: Kept, b: Kept): number {
  if (a === b) return 0;
  const kind = kindOf(a) - kindOf(b);
  if (kind !== 0) return kind;
  if (typeof a !== 'object') return a < b ? -1 : 1;
  return compareTexts(sortedJson(a), sortedJson(b)) || compareTexts(JSON.stringify(a), JSON.stringify(b));
}

/** Equal values are equal bytes. */
export function writeKept(value: Kept, writer: BinaryWriter): void {
  const kind = kindOf(value);
  writer.uint8(kind);
  if (kind === BOOLEAN) writer.uint8(value === true ? 1 : 0);
  else if (kind === NUMBER) writer.float64(value as number);
  else if (kind === TEXT) writer.text(value as string);
  else writer.json(value);
}

export function readKept(reader: BinaryReader): Kept {
  const kind = reader.uint8();
  if (kind === BOOLEAN) return reader.uint8() === 1;
  if (kind === NUMBER) return reader.float64();
  return kind === TEXT ? reader.text() : (reader.json() as object);
}

function kindOf(value: Kept): number {
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'number') return NUMBER;
  return typeof value === 'string' ? TEXT : OBJECT;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const own = value as Record<string, unknown>;
  return `{${Object.keys(own).sort().map((name) => `${JSON.stringify(name)}:${sortedJson(own[name])}`).join(',')}}`;
}
