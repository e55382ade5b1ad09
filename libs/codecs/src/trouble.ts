import type { Rejection } from '@weir/connector-api';
import type { Field } from '@weir/schema';

/** Why a record is no row. */
export type Trouble = Pick<Rejection, 'code' | 'message'>;

/** How deep arrays and objects may nest in one value, itself included. */
export const MAX_DEPTH = 512;
/** The longest value that is decoded when the options do not say otherwise. */
export const DEFAULT_MAX_VALUE_BYTES = 1024 * 1024;

export const RECORD_EMPTY: Trouble = { code: 'RECORD_EMPTY', message: 'The record has no value.' };
export const JSON_SYNTAX: Trouble = { code: 'JSON_SYNTAX', message: 'The value is not JSON.' };
export const JSON_TOO_DEEP: Trouble = { code: 'JSON_TOO_DEEP', message: `The value nests deeper than ${MAX_DEPTH}.` };
export const JSON_NOT_OBJECT: Trouble = { code: 'JSON_NOT_OBJECT', message: 'The value is JSON, but not an object.' };

export function recordTooLarge(bytes: number, most: number): Trouble {
  return { code: 'RECORD_TOO_LARGE', message: `The value is ${bytes} bytes long, more than ${most}.` };
}

/** What a field holds is more than its bytes allow: defaults and names make it so. */
export function nestedTooLarge({ name }: Field): Trouble {
  return { code: 'RECORD_TOO_LARGE', message: `The value of field '${name}' grows too much when it is read.` };
}

export function fieldMissing({ name }: Field): Trouble {
  return { code: 'FIELD_MISSING', message: `Field '${name}' is missing.` };
}

export function fieldType({ name, type, nullable }: Field): Trouble {
  return { code: 'FIELD_TYPE', message: `Field '${name}' is not ${nullable ? 'null or ' : ''}of type ${type}.` };
}

export function numberRange({ name, type }: Field): Trouble {
  return { code: 'NUMBER_RANGE', message: `Field '${name}' holds a number that the type ${type} does not hold.` };
}
