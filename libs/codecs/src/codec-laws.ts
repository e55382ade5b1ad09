import type { Codec, Decoded, Decoder } from '@weir/connector-api';
import { RecordBatchBuilder, assignBaseOffset } from '@weir/record-batch';
import type { RecordSchema } from '@weir/schema';
import fc from 'fast-check';
import { expect } from 'vitest';

type Row = Record<string, unknown>;

/** What is looked at of a decoded batch: rows with their offsets, and rejections with theirs. */
export interface Seen {
  readonly rows: readonly { readonly offset: number; readonly row: Row }[];
  readonly rejections: readonly { readonly offset: number; readonly code: string; readonly value: string | null }[];
}

/** Everything of a batch, copied. */
export function seen({ batch, rejections, records }: Decoded): Seen {
  expect(batch.length + rejections.length).toBe(records);
  return {
    rows: Array.from({ length: batch.length }, (_, position) => ({ offset: batch.origin!.offsets[position]!, row: { ...(batch.at(position) as Row) } })),
    rejections: rejections.map(({ offset, code, value }) => ({ offset, code, value: value === null ? null : Buffer.from(value).toString('hex') })),
  };
}

/** Decodes values as one batch; awaits what the decoder has to fetch. */
export async function decodeValues(decoder: Decoder, values: readonly (Uint8Array | null)[]): Promise<Seen> {
  const bytes = batchOf(values, 0);
  await decoder.prepare?.(bytes, 0, values.length);
  return seen(decoder.decode(bytes, 's', 0, 0, values.length));
}

/** One record batch of these values, at an offset; null is a tombstone. */
export function batchOf(values: readonly (Uint8Array | null)[], baseOffset: number): Uint8Array {
  const builder = new RecordBatchBuilder(1_024);
  for (const value of values) builder.append(1_000, null, value);
  const batch = builder.build();
  assignBaseOffset(batch, baseOffset);
  return batch;
}

/** What any codec of rows must keep: `rowOf` are rows that it can hold, all of whose fields are there. */
export interface Lawful {
  readonly codec: Codec;
  readonly schema: RecordSchema;
  readonly rowOf: fc.Arbitrary<unknown>;
  readonly numRuns: number;
}

/** What was written is read. */
async function readsWhatItWrites({ codec, rowOf, numRuns }: Lawful): Promise<void> {
  const decoder = codec.decoder();
  await fc.assert(
    fc.asyncProperty(fc.array(rowOf, { minLength: 1, maxLength: 6 }), async (rows) => {
      for (const each of [codec.decoder(), decoder]) {
        const { rows: read, rejections } = await decodeValues(each, rows.map((row) => codec.encode(row)));
        expect(rejections).toEqual([]);
        expect(read.map(({ row }) => row)).toEqual(rows.map((row) => ({ ...(row as Row) })));
      }
    }),
    { numRuns },
  );
}

/** Damaged values are rejected or read as something else; nothing is thrown, and the values beside them are read as ever. */
async function survivesDamage({ codec, rowOf, numRuns }: Lawful): Promise<void> {
  const decoder = codec.decoder();
  const value = fc.oneof(
    { weight: 4, arbitrary: rowOf.chain((row) => damaged(codec.encode(row))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  await fc.assert(
    fc.asyncProperty(rowOf, fc.array(value, { maxLength: 6 }), async (row, values) => {
      const good = codec.encode(row);
      const all = values.flatMap((each) => [each, good]);
      if (all.length === 0) return;
      const { rows, rejections } = await decodeValues(decoder, all);
      const kept = rows.filter(({ offset }) => offset % 2 === 1);
      expect(kept.map((each) => each.row)).toEqual(values.map(() => ({ ...(row as Row) })));
      for (const { offset, code, value: bytes } of rejections) {
        expect(offset % 2).toBe(0);
        expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
        expect(bytes).toBe(all[offset] === null ? null : Buffer.from(all[offset]!).toString('hex'));
      }
    }),
    { numRuns },
  );
}

/** A projection takes fields away and changes nothing else: no value of a field, and a whole value stays one. */
async function projects({ codec, schema, rowOf, numRuns }: Lawful): Promise<void> {
  const names = schema.fields.map(({ name }) => name);
  const value = rowOf.chain((row) => fc.oneof({ weight: 2, arbitrary: fc.constant(codec.encode(row)) }, { weight: 1, arbitrary: damaged(codec.encode(row)) }));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 5 }), fc.subarray(names), async (values, projection) => {
      const whole = await decodeValues(codec.decoder(), values);
      const part = await decodeValues(codec.decoder({ projection }), values);
      const byOffset = new Map(part.rows.map(({ offset, row }) => [offset, row]));
      for (const { offset, row } of whole.rows) expect(byOffset.get(offset)).toEqual(Object.fromEntries(Object.entries(row).filter(([name]) => projection.includes(name))));
      const refused = new Set(whole.rejections.map(({ offset }) => offset));
      for (const { offset } of part.rejections) expect(refused).toContain(offset);
      for (const { row } of part.rows) expect(Object.keys(row)).toEqual(names.filter((name) => projection.includes(name)));
    }),
    { numRuns },
  );
}

/** However the records are cut into batches, and the offsets into reads, the same comes out. */
async function mindsNoCuts({ codec, rowOf, numRuns }: Lawful): Promise<void> {
  const value = rowOf.chain((row) => fc.oneof({ weight: 4, arbitrary: fc.constant(codec.encode(row)) }, { weight: 1, arbitrary: damaged(codec.encode(row)) }));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 12, maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 12, maxLength: 12 }), async (values, batches, reads) => {
      const expected = await decodeValues(codec.decoder(), values);
      const parts: Uint8Array[] = [];
      for (let at = 0, i = 0; at < values.length; at += batches[i++]!) parts.push(batchOf(values.slice(at, at + batches[i]!), at));
      const bytes = Buffer.concat(parts);
      const decoder = codec.decoder();
      const rows: unknown[] = [];
      const rejections: unknown[] = [];
      for (let at = 0, i = 0; at < values.length; at += reads[i++]!) {
        await decoder.prepare?.(bytes, at, at + reads[i]!);
        const each = seen(decoder.decode(bytes, 's', 0, at, at + reads[i]!));
        rows.push(...each.rows);
        rejections.push(...each.rejections);
      }
      expect({ rows, rejections }).toEqual(expected);
    }),
    { numRuns },
  );
}

/** Each law by its name. */
export const codecLaws: Readonly<Record<string, (lawful: Lawful) => Promise<void>>> = {
  'reads what it writes': readsWhatItWrites,
  'survives damage': survivesDamage,
  'decodes the fields that are asked for, and nothing else changes': projects,
  'does not mind how records are cut into batches': mindsNoCuts,
};

/** Bytes cut, changed, put in and taken out. */
export function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.array(fc.tuple(fc.nat(), fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 127, 128, 255)), fc.nat(3)), { minLength: 1, maxLength: 3 }).map((changes) => {
    let damage = [...bytes];
    for (const [where, byte, kind] of changes) {
      const at = where % (damage.length + 1);
      if (kind === 0) damage = damage.slice(0, at);
      else if (kind === 1) damage[at] = byte;
      else if (kind === 2) damage.splice(at, 0, byte);
      else damage.splice(at, 1 + (byte & 7));
    }
    return Uint8Array.from(damage);
  });
}
