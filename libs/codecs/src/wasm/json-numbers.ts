import type { Code, FunctionSpec, Local } from './assembler.ts';
import { I32, I64, answer, set, when } from './assembler.ts';
import { f64, globalAt, i32, i64 } from './instructions.ts';
import { REFUSED, byteOf } from './json-tokens.ts';
import { KIND_FLOAT, POWERS_OF_TEN } from './layout.ts';

/** Position of the function in the module. */
export const READ_NUMBER = 5;

/** The number that was read last. */
export const number = globalAt(1);

/** Whole numbers up to here are exact in a double, and so is their quotient by a power of ten rounded once. */
const EXACT_DIGITS = 15;

/**
 * Up to eight digits at `at`, all at once: `word` becomes their value and `bits` eight times their number. (Bytes that are no
 * digits are found by the carry into their highest bit; then pairs, fours and eights of digits are added up by multiplication.)
 */
function readDigits(at: Local, word: Local, bits: Local): readonly Code[] {
  const pairMask = i64.const(0x0000_00ff_0000_00ffn);
  return [
    set(word, i64.xor(i64.load(at), i64.const(0x3030_3030_3030_3030n))),
    set(bits, i32.and(i32.fromI64(i64.ctz(i64.and(i64.or(i64.add(word, i64.const(0x7676_7676_7676_7676n)), word), i64.const(0x8080_8080_8080_8080n)))), ~7)),
    set(word, i64.shl(word, i64.fromI32(i32.sub(64, bits)))),
    set(word, i64.add(i64.mul(word, i64.const(10n)), i64.shrU(word, i64.const(8n)))),
    set(word, i64.shrU(
      i64.add(
        i64.mul(i64.and(word, pairMask), i64.const(0x000f_4240_0000_0064n)),
        i64.mul(i64.and(i64.shrU(word, i64.const(16n)), pairMask), i64.const(0x0000_2710_0000_0001n)),
      ),
      i64.const(32n),
    )),
  ];
}

/** The number at `at` into `number`, if it is one of 15 digits at most without an exponent; a fraction for floats only. */
export const readNumber: FunctionSpec = {
  params: [I32, I32],
  result: I32,
  locals: [I64, I64, I32, I32, I32, I32],
  body: (at, kind, word, value, bits, digits, negative, from) => {
    const append = [
      set(value!, i64.add(i64.mul(value!, i64.load(bits!, POWERS_OF_TEN)), word!)),
      set(at!, i32.add(at!, i32.shrU(bits!, 3))),
    ];
    const readRun = [
      ...readDigits(at!, word!, bits!),
      when(i32.eqz(bits!), answer(REFUSED)),
      ...append,
      when(i32.eq(bits!, 64), ...readDigits(at!, word!, bits!), when(bits!, ...append)),
    ];
    return [
      set(negative!, i32.eq(i32.load8(at!), byteOf('-'))),
      set(at!, i32.add(at!, negative!)),
      set(from!, at!),
      ...readRun,
      set(digits!, i32.sub(at!, from!)),
      when(i32.and(i32.eq(i32.load8(from!), byteOf('0')), i32.gtU(digits!, 1)), answer(REFUSED)),
      when(i32.gtU(digits!, EXACT_DIGITS), answer(REFUSED)),
      number.set(f64.fromI64(value!)),
      when(i32.eq(i32.load8(at!), byteOf('.')),
        when(i32.ne(kind!, KIND_FLOAT), answer(REFUSED)),
        set(at!, i32.add(at!, 1)),
        set(from!, at!),
        ...readRun,
        when(i32.gtU(i32.add(digits!, i32.sub(at!, from!)), EXACT_DIGITS), answer(REFUSED)),
        number.set(f64.div(f64.fromI64(value!), f64.fromI64(powerOfTen(i32.sub(at!, from!))))),
      ),
      when(i32.eq(i32.or(i32.load8(at!), 0x20), byteOf('e')), answer(REFUSED)),
      when(negative!, number.set(f64.neg(number.get))),
      answer(at!),
      0x00,
    ];
  },
};

function powerOfTen(exponent: readonly Code[]): readonly Code[] {
  return i64.load(i32.shl(exponent, 3), POWERS_OF_TEN);
}
