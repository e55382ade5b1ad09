import { describe, expect, it } from 'vitest';
import { blocksOf, faultOf, programsOf } from './blocks.ts';

const scripts = new Set(['start', 'test', 'bench:hotpath']);
const fault = (tag: string, text: string): string | undefined => faultOf({ path: 'a.md', line: 1, tag, text }, scripts);

describe('blocks', () => {
  it('are found with their line and tag, nested marks and all', () => {
    const page = 'a\n```ts\nlet a;\n```\n\n````text\n```\n````\n```\nopen';
    expect(blocksOf('a.md', page)).toEqual([
      { path: 'a.md', line: 2, tag: 'ts', text: 'let a;' },
      { path: 'a.md', line: 6, tag: 'text', text: '```' },
      { path: 'a.md', line: 9, tag: '', text: 'open' },
    ]);
  });

  it('are programs where tagged ts, with the output that follows', () => {
    const blocks = blocksOf('a.md', '```ts\na\n```\n```text output\n1\n```\n```ts\nb\n```\n```text\n2\n```');
    expect(programsOf(blocks).map(({ block, output }) => [block.text, output])).toEqual([['a', '1'], ['b', undefined]]);
  });

  it('must be tagged with something that is checked', () => {
    expect(fault('', '')).toMatch(/nobody checks/);
    expect(fault('python', '')).toMatch(/nobody checks/);
    expect(fault('text', 'anything')).toBeUndefined();
  });

  it('call scripts that exist', () => {
    expect(fault('sh', 'npm start -- --once\n# all\nnpm test\nnpm run bench:hotpath\nWEIR_RUNS=5 npm test\nnpm ci\ncd weir')).toBeUndefined();
    expect(fault('sh', 'npm run gone')).toMatch(/does not have/);
    expect(fault('sh', 'make')).toMatch(/no command/);
  });

  it('parse where they are JSON or a diagram', () => {
    expect(fault('json', '{"a":1}')).toBeUndefined();
    expect(fault('json', '{a:1}')).toMatch(/not JSON/);
    expect(fault('mermaid', 'flowchart LR\n  a --> b')).toBeUndefined();
    expect(fault('mermaid', 'flow a b')).toMatch(/no diagram/);
  });
});
