import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./allocation.ts', import.meta.url));
/** The smallest thing on the heap that a record could cost: a boxed number. */
const SMALLEST_OBJECT_BYTES = 12;

describe('the hot path', () => {
  it('allocates nothing for a record, from the bytes of the log to tumbling and to hopping windows', () => {
    // In a process of its own, because the test runner changes the code that it runs.
    const [tumbling, hopping] = JSON.parse(execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8' })) as [number, number];
    expect(tumbling).toBeLessThan(SMALLEST_OBJECT_BYTES);
    // These windows close often: their results alone come to about twelve bytes for each record.
    expect(hopping).toBeLessThan(SMALLEST_OBJECT_BYTES + 8);
  });
});
