import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { int, json, nullable, record, string } from './index.ts';

describe('record', () => {
  const schema = record('Sample', { id: string(), units: nullable(int()), tags: json<string[]>() });

  it('keeps the order of declaration and the physical types', () => {
    expect(schema.fields).toEqual([
      { name: 'id', type: 'string', nullable: false },
      { name: 'units', type: 'int', nullable: true },
      { name: 'tags', type: 'json', nullable: false },
    ]);
  });

  it('is a JSON Schema at run time', () => {
    expect(JSON.parse(JSON.stringify(schema.typebox))).toMatchObject({
      type: 'object',
      title: 'Sample',
      required: ['id', 'tags'],
      properties: { id: { type: 'string' }, units: { anyOf: [{ type: 'integer', maximum: Number.MAX_SAFE_INTEGER }, { type: 'null' }] } },
    });
  });

  it('takes what the codecs take: null and absence for a nullable field only', () => {
    const takes = (row: object): boolean => Check(schema.typebox, row);
    expect(takes({ id: 'a', units: 1, tags: [] })).toBe(true);
    expect(takes({ id: 'a', units: null, tags: { a: null } })).toBe(true);
    expect(takes({ id: 'a', tags: 'text' })).toBe(true);
    for (const row of [{ units: 1, tags: [] }, { id: null, tags: [] }, { id: 'a', tags: null }, { id: 'a' }, { id: 'a', units: 1.5, tags: [] }, { id: 'a', units: 2 ** 53, tags: [] }]) expect(takes(row), JSON.stringify(row)).toBe(false);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(schema) && Object.isFrozen(schema.fields) && Object.isFrozen(schema.fields[0])).toBe(true);
  });
});
