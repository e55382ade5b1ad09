import { record, string } from '@weir/schema';
import { cases } from '@weir/testkit';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../twin-agreement.ts';
import { csv } from './csv.ts';

const Row = record('Row', { a: string(), b: string(), c: string() });
const columns = Row.fields.map(({ name }) => name);

/** What csv-parse makes of one row: its fields, or undefined when it is none. */
function parsed(text: string, separator: string): Record<string, string> | undefined {
  try {
    const rows = parse(text, { delimiter: separator, record_delimiter: ['\r\n', '\n'], columns, bom: true });
    return rows.length === 1 ? (rows[0] as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

/** Pieces of which rows are made, mostly good ones; a carriage return stands before a line feed only, for RFC 4180 has it nowhere else. */
const piece = fc.constantFrom('a', 'bc', 'é', '😀', '""', '"', ',', ',', ',', ';', '\n', '\r\n', ' ', '0', '"x"', '"a,b"', '"a""b"', '"\n"', '\t', '\ufeff');
const row = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.oneof(fc.stringMatching(/^[a-z ]{0,5}$/), fc.string().filter((text) => !text.includes('\r')).map((text) => `"${text.replaceAll('"', '""')}"`)), { minLength: 2, maxLength: 4 }).chain((fields) => fc.constantFrom('', '', '\ufeff').map((mark) => mark + fields.join(','))) },
  { weight: 1, arbitrary: fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')) },
);

describe('csv beside csv-parse', () => {
  it.each([',', ';', '\t'])('reads the rows that it reads, and refuses what it refuses, with %j between the fields', (separator) => {
    const decoder = csv(Row, { separator }).decoder();
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (texts) => {
        const values = texts.map((text) => text.replaceAll(',', separator));
        const { batch, rejections } = decoder.decode(recordsOf(values.map((text) => Buffer.from(text))), 's', 0, 0, values.length);
        const expected = values.map((text) => parsed(text, separator));
        const read: unknown[] = values.map(() => undefined);
        for (let i = 0; i < batch.length; i++) read[batch.origin!.offsets[i]!] = { ...(batch.at(i) as object) };
        expect(read).toEqual(expected);
        expect(rejections).toHaveLength(expected.filter((each) => each === undefined).length);
      }),
      { numRuns: cases(500) },
    );
  });

  it('writes what it reads', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('"', '\n', '\r\n', ',', ' ', '\ufeff', '\ufeffa'));
    fc.assert(
      fc.property(fc.record({ a: text, b: text, c: text }), (fields) => {
        expect(parsed(Buffer.from(csv(Row).encode(fields)).toString(), ',')).toEqual({ ...fields });
      }),
      { numRuns: cases(300) },
    );
  });
});
