import type { Batch, Operator, OperatorSpec } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkScenario } from './operator-scenario.ts';
import { scenarioBatch } from './parallel-run.ts';
import type { Emitted } from './parallel-run.ts';
import { placedRows, scenarios } from './scenario.ts';

interface Fields {
  readonly key: string;
}

const rows = scenarios<Fields>({ inputs: { in: fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd') }) } });

type Flaw = 'none' | 'forgets' | 'twice' | 'silent';

/** Counts rows by key and says the counts at the end; with a flaw when asked for. */
function counter(flaw: Flaw): OperatorSpec {
  return {
    kind: 'counter',
    inputs: [{ name: 'in', distribution: { kind: 'keyed', key: { field: 'key' } } }],
    outputs: ['counts'],
    stateful: true,
    describe: () => ({ kind: 'counter', detail: '' }),
    create: ({ observer }, restored): Operator => {
      const counts = new Map<string, number>();
      if (restored !== undefined && flaw !== 'forgets') {
        for (const section of restored.keyed('counts')) while (section.remaining > 0) counts.set(String(section.key()), section.float64());
      }
      return {
        onBatch: (batch: Batch) => {
          if (flaw !== 'silent') observer.counted(batch.length);
          for (let i = 0; i < batch.length; i++) {
            const { key } = batch.at(batch.rows[i]!) as Fields;
            counts.set(key, (counts.get(key) ?? 0) + (flaw === 'twice' && batch.length > 2 ? 2 : 1));
          }
        },
        onWatermark: (watermark, out) => {
          if (watermark !== Number.POSITIVE_INFINITY || counts.size === 0) return;
          const rest = [...counts].sort().map(([key, count]) => ({ at: 1_000, key, count }));
          out.emit(scenarioBatch('out', 0, rest, 0));
        },
        snapshot: (writer) => {
          for (const [key, count] of [...counts].sort()) {
            const section = writer.keyed('counts', keyGroupOf(key));
            section.key(key);
            section.float64(count);
          }
        },
      };
    },
  };
}

const view = (emitted: readonly Emitted[]): unknown => Object.fromEntries(emitted.map(({ row }) => [(row as Fields).key, (row as { count: number }).count]).sort());

function check(flaw: Flaw): void {
  fc.assert(
    fc.property(rows, (scenario) => {
      const counts = new Map<string, number>();
      for (const { row } of placedRows(scenario)) counts.set(row.key, (counts.get(row.key) ?? 0) + 1);
      checkScenario(counter(flaw), scenario, view, Object.fromEntries([...counts].sort()));
    }),
    { numRuns: 60 },
  );
}

describe('a scenario', () => {
  it('passes an operator that is right', () => check('none'));

  it.each([
    ['forgets', /restored|restart|state/],
    ['twice', /In mode/],
    ['silent', /told what became/],
  ] as const)('catches one that %s', (flaw, message) => {
    let found: unknown;
    try {
      check(flaw);
    } catch (error) {
      found = (error as Error).cause;
    }
    expect(String(found)).toMatch(message);
  });
});
