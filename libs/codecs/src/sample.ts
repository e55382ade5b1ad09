import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import fc from 'fast-check';

/** A schema with every type, each also where it may be null. */
export const Sample = record('Sample', {
  id: int(), price: float(), name: string(), at: timestamp(), paid: boolean(), tags: nested<unknown>(),
  units: nullable(int()), share: nullable(float()), note: nullable(string()), seen: nullable(timestamp()), good: nullable(boolean()), more: nullable(nested<unknown>()),
});

const safe = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 }), fc.integer(), fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 31, -(2 ** 31), 2 ** 28, 0));
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
/** In the middle of the years, and at their ends. */
const instant = fc.oneof(fc.integer({ min: -1e12, max: 2e12 }), fc.constantFrom(8.64e15, -8.64e15, 0, -1));
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('', '"', '\\', ',', '\n', '\r\n', '""', 'null', '\u0000', '😀é', 'x'.repeat(70)));
// Without keys that have a backslash: JSON.parse of V8 13 mixes them up (nodejs/node#63785).
const value = fc.jsonValue({ stringUnit: 'grapheme-ascii' }).filter((each) => !/\\/.test(JSON.stringify(each)));
/** As JSON has it: no -0 in it. */
const plain = value.map((each) => JSON.parse(JSON.stringify(each)) as unknown);

/** Rows of it. */
export const sampleRow = fc.record({
  id: safe, price: double, name: text, at: instant, paid: fc.boolean(), tags: plain.filter((each) => each !== null),
  units: fc.option(safe), share: fc.option(double), note: fc.option(text), seen: fc.option(instant), good: fc.option(fc.boolean()), more: fc.option(plain),
});
