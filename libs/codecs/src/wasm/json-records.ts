import type { Code, FunctionSpec, Local } from './assembler.ts';
import { I32, I64, answer, block, call, exit, exitTo, exitWhen, loop, set, when } from './assembler.ts';
import { f64, i32, i64, v128 } from './instructions.ts';
import { READ_NUMBER, number } from './json-numbers.ts';
import { REFUSED, SKIP_SPACE, SKIP_STRING, SKIP_VALUE, byteOf, escaped, wordOf } from './json-tokens.ts';
import { INPUT, KIND_JSON, KIND_STRING, NAMES, NAME_BIT, NAME_BYTES, NAME_COLUMN, NAME_ENDS, NAME_KIND, NAME_LENGTH, NAME_NEXT, NAME_NULLABLE, NAME_TEXT_AT } from './layout.ts';

/** Positions of the functions in the module. */
const IS_NAME_AT = 6;
const FIND_NAME = 7;
const WRITE_NULL = 8;
const WRITE_MISSING = 9;

const UNREACHABLE = 0x00;
const PIECE = 16;

/** Whether a piece of a name differs from what is at `at`; the mask behind it leaves out what is behind the name. */
const pieceDiffers = (piece: Local, at: Local): readonly Code[] => v128.anyTrue(v128.and(v128.xor(v128.load(at), v128.load(piece)), v128.load(piece, PIECE)));

/** Whether the name of the entry stands at `at`. */
const isNameAt: FunctionSpec = {
  params: [I32, I32],
  result: I32,
  locals: [I32, I32],
  body: (entry, at, piece, end) => [
    set(piece!, i32.load(entry!, NAME_TEXT_AT)),
    set(end!, i32.add(at!, i32.load(entry!, NAME_LENGTH))),
    loop('piece',
      when(pieceDiffers(piece!, at!), answer(0)),
      set(piece!, i32.add(piece!, 2 * PIECE)),
      set(at!, i32.add(at!, PIECE)),
      exitWhen('piece', i32.ltU(at!, end!)),
    ),
    answer(1),
    UNREACHABLE,
  ],
};

/** The entry whose name stands at `at`, or REFUSED. */
const findName: FunctionSpec = {
  params: [I32],
  result: I32,
  locals: [I32, I32],
  body: (at, entry, end) => [
    set(entry!, NAMES),
    set(end!, i32.load(NAMES, NAME_COLUMN)),
    loop('entry',
      set(entry!, i32.add(entry!, NAME_BYTES)),
      when(i32.geU(entry!, end!), answer(REFUSED)),
      when(call(IS_NAME_AT, entry!, at!), answer(entry!)),
      exit('entry'),
    ),
    UNREACHABLE,
  ],
};

/** Null into the column of a field; REFUSED when it may not be null. */
const writeNull: FunctionSpec = {
  params: [I32, I32],
  result: I32,
  locals: [I32],
  body: (entry, row, kind) => [
    when(i32.eqz(i32.load(entry!, NAME_NULLABLE)), answer(REFUSED)),
    set(kind!, i32.load(entry!, NAME_KIND)),
    when(i32.or(i32.eq(kind!, KIND_STRING), i32.eq(kind!, KIND_JSON)),
      i32.store(i32.add(i32.load(entry!, NAME_COLUMN), i32.shl(row!, 2)), -1),
      answer(1),
    ),
    f64.store(i32.add(i32.load(entry!, NAME_COLUMN), i32.shl(row!, 3)), f64.const(Number.NaN)),
    answer(1),
    UNREACHABLE,
  ],
};

/** Nulls into the columns of the fields whose bits are set; REFUSED when one may not be null. */
const writeMissing: FunctionSpec = {
  params: [I64, I32],
  result: I32,
  locals: [I32, I32],
  body: (missing, row, entry, end) => [
    set(entry!, NAMES),
    set(end!, i32.load(NAMES, NAME_COLUMN)),
    loop('entry',
      set(entry!, i32.add(entry!, NAME_BYTES)),
      when(i32.geU(entry!, end!), answer(1)),
      exitWhen('entry', i64.eqz(i64.and(missing!, i64.load(entry!, NAME_BIT)))),
      exitWhen('entry', call(WRITE_NULL, entry!, row!)),
    ),
    answer(REFUSED),
    UNREACHABLE,
  ],
};

/**
 * Scans records i to count - 1, whose values lie between the positions at `starts` and `ends`, into rows from `row` on. Answers
 * the first record that it refuses, or `count`: a refused one is not always wrong, but of a form that is rare.
 */
const scan: FunctionSpec = {
  exported: 'scan',
  params: [I32, I32, I32, I32, I32, I32],
  result: I32,
  locals: [I32, I32, I32, I32, I32, I32, I64],
  body: (i, count, row, starts, ends, maxValueBytes, at, end, name, before, piece, byte, present) => {
    const skipSpace = when(i32.leU(i32.load8(at!), 0x20), set(at!, call(SKIP_SPACE, at!)));
    return [
      loop('record',
        when(i32.geU(i!, count!), answer(i!)),
        set(at!, i32.add(i32.load(i32.add(starts!, i32.shl(i!, 2))), INPUT)),
        set(end!, i32.add(i32.load(i32.add(ends!, i32.shl(i!, 2))), INPUT)),
        set(present!, i64.const(0n)),
        set(before!, NAMES),
        block('refused',
          exitWhen('refused', i32.gtU(i32.sub(end!, at!), maxValueBytes!)),
          skipSpace,
          exitWhen('refused', i32.ne(i32.load8(at!), byteOf('{'))),
          set(at!, i32.add(at!, 1)),
          skipSpace,
          loop('member',
            nameOf(at!, name!, before!, piece!),
            set(at!, i32.add(at!, i32.load(name!, NAME_LENGTH))),
            skipSpace,
            exitWhen('refused', i32.ne(i32.load8(at!), byteOf(':'))),
            set(at!, i32.add(at!, 1)),
            skipSpace,
            set(present!, i64.or(present!, i64.load(name!, NAME_BIT))),
            block('behind', valueOf(at!, name!, row!, byte!)),
            skipSpace,
            set(byte!, i32.load8(at!)),
            set(at!, i32.add(at!, 1)),
            when(i32.eq(byte!, byteOf(',')), skipSpace, exit('member')),
            exitWhen('refused', i32.ne(byte!, byteOf('}'))),
          ),
          when(i32.ltU(at!, end!), set(at!, call(SKIP_SPACE, at!))),
          // Only here is the end looked at: a token that ran past it has left `at` behind it.
          exitWhen('refused', i32.ne(at!, end!)),
          set(present!, i64.xor(present!, i64.load(NAMES, NAME_BIT))),
          when(i32.eqz(i64.eqz(present!)), exitWhen('refused', i32.eqz(call(WRITE_MISSING, present!, row!)))),
          set(i!, i32.add(i!, 1)),
          set(row!, i32.add(row!, 1)),
          exit('record'),
        ),
      ),
      answer(i!),
      UNREACHABLE,
    ];
  },
};

/** Sets `name` to the entry whose name stands at `at`: the one that followed `before` the last time, or another. */
function nameOf(at: Local, name: Local, before: Local, piece: Local): readonly Code[] {
  return [
    block('named',
      set(name, i32.load(before, NAME_NEXT)),
      set(piece, i32.load(name, NAME_TEXT_AT)),
      block('another',
        exitWhen('another', pieceDiffers(piece, at)),
        exitWhen('named', i32.leU(i32.load(name, NAME_LENGTH), PIECE)),
        exitWhen('named', call(IS_NAME_AT, name, at)),
      ),
      set(name, call(FIND_NAME, at)),
      exitWhen('refused', i32.eqz(name)),
      i32.store(i32.add(before, NAME_NEXT), name),
    ),
    set(before, name),
  ];
}

/** Reads the value at `at` into row `row` of the name's column, and goes on behind it. */
function valueOf(at: Local, name: Local, row: Local, byte: Local): readonly Code[] {
  const cell = (shift: number) => i32.add(i32.load(name, NAME_COLUMN), i32.shl(row, shift));
  const ends = i32.add(i32.load(name, NAME_ENDS), i32.shl(row, 2));
  const isNull = i32.eq(i32.load(at), wordOf('null'));
  return [
    set(byte, i32.load8(at)),
    block('null',
      block('json', block('boolean', block('number', block('string', block('skip', exitTo(['skip', 'string', 'number', 'number', 'boolean', 'json'], i32.load(name, NAME_KIND)),
      ),
        // Not wanted.
        when(i32.eq(byte, 0x22),
          set(at, call(SKIP_STRING, i32.add(at, 1))),
          exitWhen('refused', i32.eqz(at)),
          set(at, i32.add(at, 1)),
          exit('behind'),
        ),
        set(at, call(SKIP_VALUE, at)),
        exitWhen('refused', i32.eqz(at)),
        exit('behind'),
      ),
        // Text: where it is, its end complemented when there are escapes in it.
        exitWhen('null', i32.ne(byte, 0x22)),
        i32.store(cell(2), i32.sub(at, INPUT - 1)),
        set(at, call(SKIP_STRING, i32.add(at, 1))),
        exitWhen('refused', i32.eqz(at)),
        i32.store(ends, i32.xor(i32.sub(at, INPUT), i32.sub(0, escaped.get))),
        set(at, i32.add(at, 1)),
        exit('behind'),
      ),
        exitWhen('null', isNull),
        set(at, call(READ_NUMBER, at, i32.load(name, NAME_KIND))),
        exitWhen('refused', i32.eqz(at)),
        f64.store(cell(3), number.get),
        exit('behind'),
      ),
        when(i32.eq(i32.load(at), wordOf('true')), f64.store(cell(3), f64.const(1)), set(at, i32.add(at, 4)), exit('behind')),
        exitWhen('null', i32.ne(byte, byteOf('f'))),
        exitWhen('refused', i32.ne(i32.load(at, 1), wordOf('alse'))),
        f64.store(cell(3), f64.const(0)),
        set(at, i32.add(at, 5)),
        exit('behind'),
      ),
        exitWhen('null', isNull),
        i32.store(cell(2), i32.sub(at, INPUT)),
        set(at, call(SKIP_VALUE, at)),
        exitWhen('refused', i32.eqz(at)),
        i32.store(ends, i32.sub(at, INPUT)),
        exit('behind'),
    ),
    exitWhen('refused', i32.ne(i32.load(at), wordOf('null'))),
    exitWhen('refused', i32.eqz(call(WRITE_NULL, name, row))),
    set(at, i32.add(at, 4)),
  ];
}

/** In the order of their positions, behind the tokens and the numbers. */
export const recordFunctions: readonly FunctionSpec[] = [isNameAt, findName, writeNull, writeMissing, scan];
