import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import type { RecordSchema } from '@weir/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damaged } from './codec-laws.ts';
import { json, jsonTwin } from './index.ts';
import { difference, recordsOf } from './twin-agreement.ts';

const numRuns = Number(process.env['WEIR_RUNS'] ?? 200);

const schema = record('Sample', {
  id: int(), price: float(), name: string(), note: nullable(string()), at: timestamp(), paid: nullable(boolean()), tags: nullable(nested<unknown>()), 'a "b"\\': nullable(int()),
});
type Sample = typeof schema extends RecordSchema<infer T> ? T : never;

/** White space, mostly none. */
const space = fc.oneof({ weight: 20, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 20 }) });
const escape = fc.constantFrom('\\n', '\\"', '\\\\', '\\/', '\\u00e9', '\\u0000', '\\ud83d\\ude00', '\\ud800', '\\udc00', '\\b');
const plain = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 })).map((text) => JSON.stringify(text).slice(1, -1));
const text = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: fc.array(fc.oneof(plain, escape), { maxLength: 6 }).map((parts) => parts.join('')) });
const string_ = text.map((inner) => `"${inner}"`);
const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 24 });
const numeral = fc
  .tuple(fc.constantFrom('', '-'), digits, fc.option(digits), fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), fc.integer({ min: 0, max: 400 }))))
  .map(([sign, whole, fraction, exponent]) => `${sign}${whole.replace(/^0+(?=.)/, '')}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : exponent.join('')}`);
const number_ = fc.oneof(numeral, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), fc.maxSafeInteger().map(String), fc.integer({ min: -200, max: 200 }).map(String));
const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthIdentifier: 'value' }, fc.oneof(string_, number_, fc.constantFrom('true', 'false', 'null')), tie('object'), tie('array')),
  array: fc.tuple(space, fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4 })).map(([inside, items]) => `[${items.length === 0 ? inside : items.map((item) => item.join('')).join()}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(space, string_, space, space, tie('value'), space), { maxLength: 4 }))
    .map(([inside, members]) => `{${members.length === 0 ? inside : members.map(([a, name, b, c, member, d]) => `${a}${name}${b}:${c}${member}${d}`).join()}}`),
}));

const FITTING: Readonly<Record<string, fc.Arbitrary<string>>> = {
  id: fc.maxSafeInteger().map(String), price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((price) => JSON.stringify(price)), name: string_, note: fc.oneof(string_, fc.constant('null')),
  at: fc.integer({ min: -1e12, max: 2e12 }).map(String), paid: fc.constantFrom('true', 'false', 'null'), tags: value, 'a "b"\\': fc.integer().map(String),
};
/** A member of a record: mostly one of the schema with a value that fits. */
const member = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...Object.keys(FITTING)).chain((name) => fc.tuple(fc.constant(JSON.stringify(name)), fc.oneof({ weight: 4, arbitrary: FITTING[name]! }, { weight: 1, arbitrary: value }))) },
  { weight: 1, arbitrary: fc.tuple(fc.oneof(fc.constantFrom('"unknown"', '"i\\u0064"', '"__proto__"', '"ids"', '"I d"'), string_), value) },
);
const fitting = fc.tuple(...Object.entries(FITTING).map(([name, spelled]) => spelled.map((inner): [string, string] => [JSON.stringify(name), inner])));
const members = fc.oneof(
  { weight: 3, arbitrary: fitting },
  { weight: 1, arbitrary: fitting.chain((all) => fc.shuffledSubarray(all, { minLength: all.length - 1 })) },
  { weight: 1, arbitrary: fc.tuple(fitting, fc.array(member, { maxLength: 3 })).map(([all, more]) => [...all, ...more]) },
  { weight: 1, arbitrary: fc.array(member, { maxLength: 8 }) },
);
const document = fc
  .tuple(space, members, fc.array(space, { minLength: 4, maxLength: 4 }))
  .map(([outside, parts, [a, b, c, d]]) => Buffer.from(`${outside}{${parts.map(([name, inner]) => `${a}${name}${b}:${c}${inner}${d}`).join()}}${outside}`, 'utf8'));

const soup = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"id"', '"name"', '\\', 'u00', '1', '-', '.', 'e', '0', 'true', 'null', ' ', '\n', 'é', '\u0001'), { maxLength: 24 }).map((parts) => Buffer.from(parts.join(''), 'utf8'));
const anything = fc.oneof(
  { weight: 12, arbitrary: document }, { weight: 6, arbitrary: document.chain(damaged) }, { weight: 2, arbitrary: soup }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) }, { weight: 1, arbitrary: fc.constant(null) },
);

describe('the scanner agrees with JSON.parse on any input', () => {
  const twin = jsonTwin(schema);
  const used = json(schema).decoder();

  it('with what it has learned of earlier records and without', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 12 }), (values) => {
        expect(difference(schema, json(schema).decoder(), twin.decoder(), values)).toBeUndefined();
        expect(difference(schema, used, twin.decoder(), values)).toBeUndefined();
      }),
      { numRuns },
    );
  });

  it('with any projection, and a bound on the length of a value', () => {
    const projections = fc.subarray(schema.fields.map(({ name }) => name));
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 6 }), projections, fc.integer({ min: 0, max: 300 }), (values, projection, maxValueBytes) => {
        const options = { projection, maxValueBytes };
        expect(difference(schema, json(schema).decoder(options), twin.decoder(options), values)).toBeUndefined();
      }),
      { numRuns },
    );
  });
});

describe('encode', () => {
  it('writes what decode reads', () => {
    const row: fc.Arbitrary<Sample> = fc.record({
      id: fc.maxSafeInteger(), price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((price) => price + 0), name: fc.string({ unit: 'binary' }), note: fc.option(fc.string()), at: fc.integer(),
      paid: fc.option(fc.boolean()), tags: fc.option(fc.jsonValue({ noUnicodeString: false }).map((tags) => JSON.parse(JSON.stringify(tags)) as unknown)), 'a "b"\\': fc.option(fc.integer()),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const codec = json(schema);
        const { batch, rejections } = codec.decoder().decode(recordsOf(rows.map((each) => codec.encode(each))), 's', 0, 0, rows.length);
        expect(rejections).toEqual([]);
        expect(rows.map((_, position) => ({ ...batch.at(position) }))).toEqual(rows.map((each) => ({ ...each })));
      }),
      { numRuns },
    );
  });
});
