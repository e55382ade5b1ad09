import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { nameBytes } from '../json-scanner.ts';
import { JsonProgram } from './json-program.ts';

const schema = record('Sample', {
  name: string(), units: int(), share: nullable(float()), at: timestamp(), paid: boolean(), note: nullable(string()), tags: nullable(nested<unknown>()), 'a name of more than sixteen bytes': nullable(int()),
});
const ROW = '"name":"Ann","units":12,"share":0.5,"at":1700000000000,"paid":true';

function program(): (text: string) => boolean {
  const made = new JsonProgram(schema.fields, schema.fields.map(({ name }) => nameBytes(name)), new Set(schema.fields), 4_096, () => undefined);
  made.learn(nameBytes('x'));
  return (text) => {
    const bytes = Buffer.from(text);
    made.load(bytes);
    made.locate(Int32Array.of(0), Int32Array.of(bytes.length), 1);
    return made.scan(0, 1, 0) === 1;
  };
}

describe('the scanning program', () => {
  // Results are right either way, because the scanner decides what the program refuses: only the speed would be lost.
  it.each([
    `{${ROW}}`, ` { ${ROW} } `, `{${ROW},"note":null,"tags":null}`, `{${ROW},"note":"n","tags":[1,{"a":[]}]}`, `{"at":-5,"paid":false,"units":-0,"name":"","share":null}`,
    `{${ROW},"a name of more than sixteen bytes":7}`, `{${ROW},"note":"\\n\\u00e9\\\\"}`, `{${ROW},"x":{"y":[null,true,false,-1.5e-3,"z"]}}`, `{"x":1,${ROW},"units":13}`,
    `{${ROW},"share":123456.789012345}`, `{${ROW},"units":123456789012345}`, `{${ROW},"note":"${'long '.repeat(100)}"}`,
  ])('takes %s', (text) => {
    expect(program()(text)).toBe(true);
  });

  it.each([
    `{${ROW}`, `{${ROW},"units":"1"}`, `{${ROW},"units":1234567890123456}`, `{${ROW},"units":1.0}`, `{${ROW},"share":1e3}`, `{${ROW},"note":"\u001f"}`, `{${ROW},"unknown":1}`, '{"name":"Ann"}', '[]', '', '{}',
    `{${ROW},"units":null}`, `{${ROW},"units":012}`, `{${ROW},"note":"\\x"}`, `{${ROW}}`.padEnd(4_097),
  ])('leaves %s to the scanner', (text) => {
    expect(program()(text)).toBe(false);
  });
});
