import type { FunctionSpec } from './assembler.ts';
import { I32, V128, answer, block, call, exit, exitWhen, loop, set, when } from './assembler.ts';
import { globalAt, i32, i8x16, v128 } from './instructions.ts';
import { BRACKETS, BYTE_CLASSES, IS_ESCAPE, IS_HEX } from './layout.ts';
import { MAX_DEPTH } from '../trouble.ts';

/** Positions of the functions in the module. */
export const SKIP_SPACE = 0;
export const SKIP_STRING = 1;
export const SKIP_NUMBER = 2;
export const SKIP_NAME = 3;
export const SKIP_VALUE = 4;

/** 1 when the last string had an escape in it. */
export const escaped = globalAt(0);

const UNREACHABLE = 0x00;
/** What no position is. */
export const REFUSED = 0;

/** A byte of ASCII. */
export const byteOf = (text: string): number => text.charCodeAt(0);
/** Four bytes as they are loaded. */
export const wordOf = (text: string): number => Buffer.from(text, 'latin1').readInt32LE();

/**
 * Every function takes the address where its token begins and answers the one behind it, or REFUSED. None looks at the end of the
 * record: the zeros behind the fetch stop them all, and whoever calls sees whether the end has been passed.
 */
const skipSpace: FunctionSpec = {
  params: [I32],
  result: I32,
  locals: [I32],
  body: (at, byte) => [
    loop('next',
      set(byte!, i32.load8(at!)),
      block('space',
        exitWhen('space', i32.eq(byte!, 0x20)),
        exitWhen('space', i32.eq(byte!, 0x0a)),
        exitWhen('space', i32.eq(byte!, 0x0d)),
        exitWhen('space', i32.eq(byte!, 0x09)),
        answer(at!),
      ),
      set(at!, i32.add(at!, 1)),
      exit('next'),
    ),
    UNREACHABLE,
  ],
};

/** From behind the opening quote to the closing one: 16 bytes a turn until one is a quote, a backslash or a control character. */
const skipString: FunctionSpec = {
  params: [I32],
  result: I32,
  locals: [V128, I32, I32],
  body: (at, bytes, mask, byte) => [
    escaped.set(0),
    loop('next',
      set(bytes!, v128.load(at!)),
      set(mask!, i8x16.bitmask(v128.or(v128.or(i8x16.eq(bytes!, v128.bytes(0x22)), i8x16.eq(bytes!, v128.bytes(0x5c))), i8x16.ltU(bytes!, v128.bytes(0x20))))),
      when(i32.eqz(mask!), set(at!, i32.add(at!, 16)), exit('next')),
      set(at!, i32.add(at!, i32.ctz(mask!))),
      set(byte!, i32.load8(at!)),
      when(i32.eq(byte!, 0x22), answer(at!)),
      when(i32.ne(byte!, 0x5c), answer(REFUSED)),
      escaped.set(1),
      set(byte!, i32.load8(at!, 1)),
      when(i32.and(i32.load8(byte!, BYTE_CLASSES), IS_ESCAPE), set(at!, i32.add(at!, 2)), exit('next')),
      when(i32.ne(byte!, byteOf('u')), answer(REFUSED)),
      ...[2, 3, 4, 5].map((offset) => when(i32.eqz(i32.and(i32.load8(i32.load8(at!, offset), BYTE_CLASSES), IS_HEX)), answer(REFUSED))),
      set(at!, i32.add(at!, 6)),
      exit('next'),
    ),
    UNREACHABLE,
  ],
};

/** A number of any form, whose value nobody wants. */
const skipNumber: FunctionSpec = {
  params: [I32],
  result: I32,
  locals: [I32, I32],
  body: (at, byte, from) => {
    const digit = i32.ltU(i32.sub(byte!, 0x30), 10);
    const step = [set(at!, i32.add(at!, 1)), set(byte!, i32.load8(at!))];
    const digits = (label: string) => loop(label, when(digit, ...step, exit(label)));
    return [
      set(byte!, i32.load8(at!)),
      when(i32.eq(byte!, byteOf('-')), ...step),
      when(i32.eqz(digit), answer(REFUSED)),
      when(i32.eq(byte!, byteOf('0')), ...step, when(digit, answer(REFUSED))),
      digits('whole'),
      when(i32.eq(byte!, byteOf('.')), ...step, when(i32.eqz(digit), answer(REFUSED)), digits('fraction')),
      when(i32.eq(i32.or(byte!, 0x20), byteOf('e')),
        ...step,
        when(i32.or(i32.eq(byte!, byteOf('+')), i32.eq(byte!, byteOf('-'))), ...step),
        set(from!, at!),
        digits('exponent'),
        when(i32.eq(from!, at!), answer(REFUSED)),
      ),
      answer(at!),
      UNREACHABLE,
    ];
  },
};

/** A member's name, its colon, and the white space around: to where the value begins. */
const skipName: FunctionSpec = {
  params: [I32],
  result: I32,
  body: (at) => [
    when(i32.ne(i32.load8(at!), 0x22), answer(REFUSED)),
    set(at!, call(SKIP_STRING, i32.add(at!, 1))),
    when(i32.eqz(at!), answer(REFUSED)),
    set(at!, call(SKIP_SPACE, i32.add(at!, 1))),
    when(i32.ne(i32.load8(at!), byteOf(':')), answer(REFUSED)),
    answer(call(SKIP_SPACE, i32.add(at!, 1))),
    UNREACHABLE,
  ],
};

/** Any value of a member of the record; nested ones to the depth that is allowed. */
const skipValue: FunctionSpec = {
  params: [I32],
  result: I32,
  locals: [I32, I32],
  body: (at, byte, depth) => [
    loop('value',
      set(byte!, i32.load8(at!)),
      block('behind',
        when(i32.eq(byte!, 0x22),
          set(at!, call(SKIP_STRING, i32.add(at!, 1))),
          when(i32.eqz(at!), answer(REFUSED)),
          set(at!, i32.add(at!, 1)),
          exit('behind'),
        ),
        when(i32.eq(i32.or(byte!, 0x20), byteOf('{')),
          when(i32.geU(depth!, MAX_DEPTH - 1), answer(REFUSED)),
          set(at!, call(SKIP_SPACE, i32.add(at!, 1))),
          when(i32.eq(i32.load8(at!), i32.add(byte!, 2)), set(at!, i32.add(at!, 1)), exit('behind')),
          i32.store8(i32.add(depth!, BRACKETS), byte!),
          set(depth!, i32.add(depth!, 1)),
          when(i32.eq(byte!, byteOf('{')), set(at!, call(SKIP_NAME, at!)), when(i32.eqz(at!), answer(REFUSED))),
          exit('value'),
        ),
        when(i32.or(i32.eq(i32.load(at!), wordOf('true')), i32.eq(i32.load(at!), wordOf('null'))), set(at!, i32.add(at!, 4)), exit('behind')),
        when(i32.eq(byte!, byteOf('f')),
          when(i32.ne(i32.load(at!, 1), wordOf('alse')), answer(REFUSED)),
          set(at!, i32.add(at!, 5)),
          exit('behind'),
        ),
        set(at!, call(SKIP_NUMBER, at!)),
        when(i32.eqz(at!), answer(REFUSED)),
      ),
      loop('close',
        when(i32.eqz(depth!), answer(at!)),
        set(at!, call(SKIP_SPACE, at!)),
        set(byte!, i32.load8(i32.add(depth!, BRACKETS - 1))),
        when(i32.eq(i32.load8(at!), byteOf(',')),
          set(at!, call(SKIP_SPACE, i32.add(at!, 1))),
          when(i32.eq(byte!, byteOf('{')), set(at!, call(SKIP_NAME, at!)), when(i32.eqz(at!), answer(REFUSED))),
          exit('value'),
        ),
        when(i32.ne(i32.load8(at!), i32.add(byte!, 2)), answer(REFUSED)),
        set(at!, i32.add(at!, 1)),
        set(depth!, i32.sub(depth!, 1)),
        exit('close'),
      ),
    ),
    UNREACHABLE,
  ],
};

/** In the order of their positions. */
export const tokenFunctions: readonly FunctionSpec[] = [skipSpace, skipString, skipNumber, skipName, skipValue];
