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
      required: ['id', 'units', 'tags'],
      properties: { id: { type: 'string' }, units: { anyOf: [{ type: 'integer', maximum: Number.MAX_SAFE_INTEGER }, { type: 'null' }] } },
    });
  });

  it('is frozen', () => {
    expect(Object.isFrozen(schema) && Object.isFrozen(schema.fields) && Object.isFrozen(schema.fields[0])).toBe(true);
  });
});
