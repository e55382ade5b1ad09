import { RecordBatchBuilder } from '@weir/record-batch';
import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { json, jsonTwin } from './index.ts';
import { difference } from './twin-agreement.ts';

const schema = record('Sample', {
  name: string(),
  units: int(),
  share: nullable(float()),
  at: timestamp(),
  paid: boolean(),
  note: nullable(string()),
  tags: nested<unknown>(),
  'naïve "field"\n': nullable(int()),
  ['__proto__']: nullable(string()),
});

const ROW = '"name":"Ann","units":12,"share":0.5,"at":1700000000000,"paid":true,"note":null,"tags":[1,{"a":"b"}]';

const options = { maxValueBytes: 4_096 };
const decoder = json(schema).decoder(options);
const twin = jsonTwin(schema).decoder(options);

const agree = (...texts: readonly (string | Uint8Array | null)[]): string | undefined => {
  const values = texts.map((text) => (typeof text === 'string' ? Buffer.from(text, 'utf8') : text));
  return difference(schema, decoder, twin, values);
};

/** A good row, then one whose `field` is spelled so, then a good row again. */
const withField = (field: string, spelled: string): string | undefined => {
  const row = { name: '"Ann"', units: '12', share: '0.5', at: '1700000000000', paid: 'true', note: 'null', tags: '[]', [field]: spelled };
  const text = `{${Object.entries(row).map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;
  return agree(`{${ROW}}`, text, `{${ROW}}`);
};

const NUMBERS = [
  '0', '-0', '-0.0', '1', '-1', '00', '01', '-01', '-', '+1', '.5', '1.', '1.0', '1.50', '-1.0', '1e2', '1E2', '1e+2', '1e-2', '1e', '1e+', '1.e2', '0e0', '-0e5',
  '10e-1', '1E400', '-1E400', '1e-400', '9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740991', '-9007199254740992', '9007199254740991.0',
  '123456789012345', '1234567890123456', '12345678901234567', '99999999999999999999', '0.1', '0.30000000000000004', '2.2250738585072014e-308', '4.9e-324', '1.7976931348623157e308',
  '1.7976931348623159e308', '123456.789', '1700000000000.5', '8640000000000000', '8640000000000001', '-8640000000000000', '8.64e15', '0x10', '1_000', '1n', 'NaN', 'Infinity', '-Infinity',
  '1'.repeat(400), `0.${'3'.repeat(400)}`, '3.14159265358979323846', '1 2', '1-', '--1', '0.0000001', '100000000000000000000000', '1.0000000000000002', '4503599627370496.5', '72057594037927945e0',
];

const STRINGS = [
  '""', '"a"', '"\\n"', '"\\""', '"\\\\"', '"\\/"', '"\\b\\f\\n\\r\\t"', '"\\u0041"', '"\\u00e9\\u00E9"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\ude00\\ud83d"', '"\\u12"',
  '"\\u12G4"', '"\\x41"', '"\\', '"\\"', '"', '"a', '"\t"', '"\n"', '"\u007f"', '"\u0000"', '"é"', '"😀"', '"\u2028\u2029"', '"\ufeff"', '"\ufffd"', '"\\ufffd"', "'a'", '"a""b"', '"a" "b"',
  `"${'x'.repeat(15)}"`, `"${'x'.repeat(16)}"`, `"${'x'.repeat(17)}\\n${'y'.repeat(40)}"`, `"${'\\\\'.repeat(33)}"`, `"${'é'.repeat(50)}"`, '"\\u0000"', '"null"', '"tr\\u0075e"',
];

const OTHERS = [
  'null', 'true', 'false', 'nul', 'nulll', 'True', 'tru', 'truefalse', 'undefined', '[]', '{}', '[1,]', '[,]', '[1 2]', '{"a"}', '{"a":}', '{"a":1,}', '{,}', '{a:1}', '[[[]]]', '[{"a":[{"b":{}}]}]', '[}', '{]',
  '', ' ', '//', '/* */1', '1,', ':', '[1', '{"a":1', '[ 1 , 2 ]', '{ "a" : 1 }', '[\n\t\r 1]', '[\u00a01]', '[\v1]', '["\\u00"]', '[-]', '[01]', '[1.]', '["\u0001"]', '[nul]', '{"a":1 "b":2}', '{"a" 1}', '{"__proto__":{"x":1}}',
];

describe('the scanner agrees with JSON.parse', () => {
  it.each(['name', 'units', 'share', 'at', 'paid', 'note', 'tags', 'unknown'])('on every form of a value as %s', (field) => {
    for (const spelled of [...NUMBERS, ...STRINGS, ...OTHERS]) expect(withField(field, spelled), spelled).toBeUndefined();
  });

  it('on missing, repeated, reordered, unknown and strangely named fields', () => {
    const documents = [
      '{}', '{ }', `{${ROW},"units":13}`, `{"units":"x",${ROW}}`, `{${ROW},"units":"x"}`, `{${ROW},"note":"a","note":null}`, `{"note":null,"note":"a",${ROW}}`,
      `{${ROW},"__proto__":"p"}`, `{${ROW},"__proto__":{"name":"x"}}`, '{"__proto__":{"name":"x","units":1}}', `{"constructor":1,${ROW},"toString":{}}`, `{${ROW},"":1}`, `{"":"",${ROW}}`,
      `{${ROW},"na\\u00efve \\"field\\"\\n":7}`, `{${ROW},"naïve \\"field\\"\\u000a":8}`, `{${ROW},"naïve \\"field\\"\\n":9}`, `{"n\\u0061me":"Bob",${ROW}}`, `{${ROW},"n\\u0061me":"Bob"}`,
      `{${ROW},"Name":"x","names":"y","nam":"z","name ":"q"}`, `{${ROW},"\\ud800":1}`, `{${ROW},"unknown":{"name":"x","units":[{"units":1}]}}`,
      '{"paid":true,"at":5,"tags":null,"name":"x","units":1}', '{"tags":0,"paid":true,"at":5,"name":"x","units":1}',
    ];
    for (const document of documents) expect(agree(`{${ROW}}`, document, document, `{${ROW}}`), document).toBeUndefined();
    expect(agree(...documents)).toBeUndefined();
    expect(agree(...documents, ...documents.toReversed())).toBeUndefined();
  });

  it('on white space everywhere, and on what is around the object', () => {
    const spaced = `{${ROW}}`.replaceAll(/[{}[\],:]/g, ' \t\r\n$& \t\r\n');
    const documents = [spaced, ` {${ROW}}`, `{${ROW}} `, `{${ROW}}\n\n`, `\ufeff{${ROW}}`, `{${ROW}}x`, `{${ROW}}}`, `{${ROW},}`, `{,${ROW}}`, `{${ROW}}{${ROW}}`, `[{${ROW}}]`, '"a"', '1', 'null', 'true', '', ' ', '[', '{', '}', ROW, null];
    for (const document of documents) expect(agree(document, `{${ROW}}`, document), String(document)).toBeUndefined();
  });

  it('on bytes that are no UTF-8', () => {
    const odd = [[0xff], [0xc3], [0xc3, 0x28], [0xe2, 0x82], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0x80], [0xf5, 0x80, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0xef, 0xbf, 0xbd]];
    for (const bytes of odd) {
      for (const [before, after] of [['{"name":"', `",${ROW.slice(13)}}`], ['{"', `":1,${ROW}}`], ['{"name":"a', 'b",'], ['', `{${ROW}}`], [`{${ROW}`, '}'], [`{${ROW},"naïve \\"field\\"\\n`, '":1}']]) {
        const document = Buffer.concat([Buffer.from(before!), Uint8Array.from(bytes), Buffer.from(after!)]);
        expect(agree(`{${ROW}}`, document, document), document.toString('latin1')).toBeUndefined();
      }
    }
  });

  it('on nesting up to the bound and past it, and on values up to theirs', () => {
    for (const depth of [1, 63, 64, 65, 510, 511, 512, 513, 1_000]) {
      for (const [open, close] of ['[]', ['{"a":', '}']]) {
        const value = `${open!.repeat(depth)}${open === '[' ? '' : '1'}${close!.repeat(depth)}`;
        expect(agree(value, `{${ROW},"unknown":${value}}`, `{"tags":${value},${ROW}}`, `{${ROW},"name":${value}}`, `{${ROW},"tags":${value.slice(0, -1)}}`), `${depth} ${open}`).toBeUndefined();
      }
    }
    for (const length of [4_095, 4_096, 4_097]) expect(agree(`{${ROW}}`.padEnd(length)), String(length)).toBeUndefined();
  });

  it('on a value cut at any byte, also at the end of the fetch', () => {
    const whole = Buffer.from(`{ "unknown" : [ -1.5e+3 , "\\u00e9\\n" , { } ] , ${ROW} , "naïve \\"field\\"\\n" : 1 }`);
    for (let length = 0; length <= whole.length; length++) {
      const cut = whole.subarray(0, length);
      expect(agree(`{${ROW}}`, cut, `{${ROW}}`, cut), cut.toString()).toBeUndefined();
    }
  });

  it('on a change of any byte to any other', () => {
    const whole = Buffer.from(`{${ROW},"x":[-1.5e+3,"\\u00e9"]}`);
    expect(agree(whole)).toBeUndefined();
    for (let at = 0; at < whole.length; at++) {
      const mutants = Array.from({ length: 256 }, (_, byte) => {
        const mutant = Buffer.from(whole);
        mutant[at] = byte;
        return mutant;
      });
      expect(difference(schema, decoder, twin, mutants), `byte ${at}`).toBeUndefined();
    }
  });

  it('on a value that would be a row if what follows it in the fetch were part of it', () => {
    // Behind the value come the number of headers, 22, whose varint is a comma, and the length of a key, 17, whose varint is a quote.
    const headers = Array.from({ length: 22 }, () => ({ key: 'note":null}'.padEnd(17), value: new Uint8Array(0) }));
    const builder = new RecordBatchBuilder();
    builder.append(0, null, Buffer.from(`{${ROW}}`));
    builder.append(0, null, Buffer.from(`{${ROW}`), headers);
    const bytes = builder.build();
    const codes = [decoder, twin].map((each) => each.decode(bytes, 's', 0, 0, 2).rejections.map(({ offset, code }) => [offset, code]));
    expect(codes).toEqual([[[1, 'JSON_SYNTAX']], [[1, 'JSON_SYNTAX']]]);
  });

  it('on a fetch without records, also the first one', () => {
    for (const fresh of [json(schema).decoder(), jsonTwin(schema).decoder()]) {
      const { batch, rejections, records } = fresh.decode(new Uint8Array(0), 's', 0, 0, 10);
      expect([batch.length, rejections.length, records]).toEqual([0, 0, 0]);
      expect(batch.symbols('name').ids.length).toBe(0);
    }
  });

  it('whatever unknown names have come before, and however many', () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `${'unknown '.repeat(i % 40)}${i}`);
    for (let i = 0; i < names.length; i += 10) {
      const documents = names.slice(i, i + 10).map((name, j) => `{${j % 2 === 0 ? `"${name}":${i},${ROW}` : `${ROW},"${name}":"x","${names[i]}":[]`}}`);
      expect(agree(...documents, ...documents, `{${ROW}}`), names[i]).toBeUndefined();
    }
  });

  it.each([1, 16, 63, 64, 65, 254, 255, 256, 1_200])('with a schema of %i fields', (count) => {
    const wide = record('Wide', Object.fromEntries(Array.from({ length: count }, (_, i) => [`${'field '.repeat(i % 30)}${i}`, i % 3 === 0 ? nullable(string()) : int()])));
    const row = (skip: number): Buffer => Buffer.from(JSON.stringify(Object.fromEntries(wide.fields.flatMap(({ name, type }, i) => (i === skip ? [] : [[name, type === 'string' ? `text ${i}` : i]])))));
    const values = [row(-1), row(0), row(1), row(count - 1), row(-1)];
    for (const projection of [wide.fields.map(({ name }) => name), wide.fields.slice(-2).map(({ name }) => name), []]) {
      expect(difference(wide, json(wide).decoder({ projection }), jsonTwin(wide).decoder({ projection }), values)).toBeUndefined();
    }
  });
});
