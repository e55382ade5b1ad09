import { isDeepStrictEqual } from 'node:util';
import type { Decoded, Decoder } from '@weir/connector-api';
import type { Batch } from '@weir/model';
import { NULL_ID } from '@weir/model';
import { RecordBatchBuilder } from '@weir/record-batch';
import type { RecordSchema } from '@weir/schema';

/** One record batch of these values; null is a tombstone. */
export function recordsOf(values: readonly (Uint8Array | null)[]): Uint8Array {
  const builder = new RecordBatchBuilder(1024);
  values.forEach((value, i) => builder.append(1_000 + i, i % 2 === 0 ? null : Uint8Array.of(i), value));
  return builder.build();
}

/** Where two decoders of one schema differ on the same records; undefined when they agree. Reads each value in every way there is. */
export function difference<T>(schema: RecordSchema<T>, decoder: Decoder<T>, twin: Decoder<T>, values: readonly (Uint8Array | null)[]): string | undefined {
  const bytes = recordsOf(values);
  const scanned = decoder.decode(bytes, 'source', 1, 0, values.length);
  const parsed = twin.decode(bytes, 'source', 1, 0, values.length);
  if (!isDeepStrictEqual(scanned.rejections.map(plain), parsed.rejections.map(plain))) return `rejections: ${shown(scanned.rejections)} for ${shown(parsed.rejections)}`;
  if (scanned.records !== parsed.records || scanned.batch.length !== parsed.batch.length) return `counts of rows: ${scanned.batch.length} for ${parsed.batch.length}`;
  return originDifference(scanned, parsed) ?? rowDifference(schema, scanned.batch, parsed.batch);
}

function originDifference({ batch: scanned }: Decoded, { batch: parsed }: Decoded): string | undefined {
  for (const column of ['offsets', 'logTimestamps'] as const) {
    const [ours, theirs] = [scanned, parsed].map(({ origin, length }) => [...origin![column].subarray(0, length)]);
    if (!isDeepStrictEqual(ours, theirs)) return `${column}: ${shown(ours)} for ${shown(theirs)}`;
  }
  return undefined;
}

function rowDifference<T>(schema: RecordSchema<T>, scanned: Batch<T>, parsed: Batch<T>): string | undefined {
  const columns = schema.fields.map(({ name }) => ({ name, values: columnOf(scanned, name) }));
  for (let position = 0; position < parsed.length; position++) {
    const row = { ...parsed.at(position) } as Record<string, unknown>;
    const cursor = { ...scanned.at(position) } as Record<string, unknown>;
    if (!isDeepStrictEqual(cursor, row)) return `row ${position}: ${shown(cursor)} for ${shown(row)}`;
    if (!isDeepStrictEqual(Object.keys(cursor), Object.keys(row))) return `order of fields: ${shown(Object.keys(cursor))}`;
    for (const { name, values } of columns) {
      const expected = Object.hasOwn(row, name) ? row[name] : null;
      for (const [way, column] of Object.entries(values)) {
        if (!isDeepStrictEqual(column[position], expected)) return `${way} of ${name}: ${shown(column[position])} for ${shown(expected)}`;
      }
    }
  }
  return undefined;
}

/** The values of a field by position, as each accessor of columns that fits its kind gives them. */
function columnOf(batch: Batch, field: string): Record<string, readonly unknown[]> {
  const ways: Record<string, readonly unknown[]> = { values: Array.from(batch.values(field)) };
  const kind = batch.kindOf(field);
  if (kind === 'number') ways['numbers'] = Array.from(batch.numbers(field).subarray(0, batch.length), (value) => (Number.isNaN(value) ? null : value));
  if (kind === 'string') {
    const { ids, dictionary } = batch.symbols(field);
    ways['symbols'] = Array.from(ids.subarray(0, batch.length), (id) => (id === NULL_ID ? null : dictionary.text(id)));
  }
  return ways;
}

/** Bytes as plain arrays, so that a Buffer equals a Uint8Array. */
function plain(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, member]: [string, unknown]) => [name, member instanceof Uint8Array ? [...member] : member]));
}

function shown(value: unknown): string | undefined {
  const text = JSON.stringify(value, (_, member: unknown) => (member instanceof Uint8Array ? Buffer.from(member).toString('latin1') : Object.is(member, -0) ? '-0' : member)) as string | undefined;
  return text === undefined || text.length < 400 ? text : `${text.slice(0, 400)}…`;
}
