import { describe, expect, it } from 'vitest';
import { partitionOfGroup } from './offsets-topic.ts';

describe('the partition of a group', () => {
  it('is told by the hash that Java has of its name, as brokers do', () => {
    // java.lang.String.hashCode says 99162322 of the first, and of the third the least number there is.
    expect(partitionOfGroup('hello', 50)).toBe(22);
    expect(partitionOfGroup('weir.producer', 1_000_000)).toBe(Math.abs(javaHash('weir.producer')) % 1_000_000);
    expect(partitionOfGroup('polygenelubricants', 50)).toBe(0);
    expect(partitionOfGroup('', 50)).toBe(0);
  });
});

/** The same by its definition, s[0]·31^(n-1) + … + s[n-1] modulo 2^32. */
function javaHash(text: string): number {
  const sum = [...text].reduce((total, letter) => total * 31n + BigInt(letter.charCodeAt(0)), 0n);
  return Number(BigInt.asIntN(32, sum));
}
