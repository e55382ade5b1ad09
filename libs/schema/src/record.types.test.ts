import { describe, expectTypeOf, it } from 'vitest';
import { boolean, float, int, json, nullable, record, string, timestamp } from './index.ts';
import type { Infer } from './index.ts';

const Sample = record('Sample', { id: string(), units: int(), share: float(), paid: boolean(), at: timestamp(), note: nullable(string()), tags: json<readonly string[]>() });

describe('record', () => {
  it('infers the row type exactly', () => {
    expectTypeOf<Infer<typeof Sample>>().toEqualTypeOf<{
      id: string;
      units: number;
      share: number;
      paid: boolean;
      at: number;
      note: string | null;
      tags: readonly string[];
    }>();
  });
});
