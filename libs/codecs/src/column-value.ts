import { MAX_TIMESTAMP } from '@weir/model';
import type { Column } from './column.ts';
import type { ConstantText, FetchBytes } from './fetch-bytes.ts';

/** Null into a column. */
export function putNull(column: Column, row: number): void {
  if (column.isText) column.starts[row] = -1;
  else column.numbers[row] = Number.NaN;
}

/** The number in this array of one into a column; false when the field does not hold it. An array, because a double that is passed is an object. */
export function putNumber(number: Float64Array, column: Column, row: number): boolean {
  const value = number[0]!;
  column.numbers[row] = value;
  const { type } = column.field;
  if (type === 'int') return Number.isSafeInteger(value);
  return type === 'timestamp' ? Number.isInteger(value) && Math.abs(value) <= MAX_TIMESTAMP : Number.isFinite(value);
}

/** A text that is the same for many rows into a column. */
export function putConstant(text: ConstantText, fetch: FetchBytes, column: Column, row: number): void {
  const start = fetch.place(text);
  column.starts[row] = start;
  column.ends[row] = start + text.bytes.length;
}

/** Bytes that stand nowhere in the fetch into a column. */
export function putBytes(bytes: Uint8Array, fetch: FetchBytes, column: Column, row: number): void {
  const start = fetch.append(bytes);
  column.starts[row] = start;
  column.ends[row] = fetch.end;
}

/** ASCII that stands nowhere in the fetch into a column. */
export function putText(text: string, fetch: FetchBytes, column: Column, row: number): void {
  fetch.reserve(text.length);
  const start = fetch.end;
  fetch.advance(start + fetch.bytes.write(text, start, 'latin1'));
  column.starts[row] = start;
  column.ends[row] = fetch.end;
}
