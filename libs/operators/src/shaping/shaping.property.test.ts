import type { Batch } from '@weir/model';
import { ParallelRun, cases, checkScenario, placedRows, runScenario, scenarioBatch, scenarios } from '@weir/testkit';
import type { Emitted, Scenario } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignIds } from './assign-ids.ts';
import { flatMap } from './flat-map.ts';
import { project } from './project.ts';
import { split, splitBy } from './split.ts';
import { textHash } from './text-hash.ts';
import { union } from './union.ts';

interface Row {
  readonly at: number;
  readonly n: number;
  readonly text: string | null;
}

const fields = fc.record({ n: fc.integer({ min: 0, max: 4 }), text: fc.option(fc.constantFrom('x', 'y')) });
const one: fc.Arbitrary<Scenario<Row>> = scenarios({ inputs: { in: fields } });
const rowsOf = (scenario: Scenario<Row>): readonly Row[] => placedRows(scenario).map(({ row }) => row);
const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();
const outOf = (emitted: readonly Emitted[], port = 'out'): readonly unknown[] => emitted.flatMap((each) => (each.port === port ? [each.row] : []));

/** One batch through a spec, as rows by port. */
function through(spec: ReturnType<typeof union>, batch: Batch, input = 0): readonly Emitted[] {
  const run = new ParallelRun(spec, 1);
  run.rows(input, batch);
  return run.emitted;
}

describe('flatMap', () => {
  it('gives what flatMap of arrays gives, in order, each row with the time of the one it was made from', () => {
    const copies = ({ n, at }: Row): readonly object[] => Array.from({ length: n }, (_, copy) => ({ at, copy }));
    fc.assert(
      fc.property(one, (scenario) => {
        checkScenario(flatMap(copies), scenario, (emitted) => sorted(outOf(emitted)), sorted(rowsOf(scenario).flatMap(copies)));
        for (const partition of scenario.inputs[0]!.partitions) {
          if (partition.length === 0) continue;
          const emitted = through(flatMap(copies), scenarioBatch('in', 0, partition, 0));
          expect(outOf(emitted)).toEqual(partition.flatMap(copies));
          expect(emitted.map(({ timestamp }) => timestamp)).toEqual(partition.flatMap(({ at, n }) => new Array<number>(n).fill(at)));
        }
      }),
      { numRuns: cases(150) },
    );
  });

  it('refuses to make one row into more than its limit', () => {
    const spec = flatMap(({ n }: Row) => new Array<object>(n).fill({}), { limit: 2 });
    expect(() => through(spec, scenarioBatch('in', 0, [{ at: 1, n: 2 } as Row], 0))).not.toThrow();
    expect(() => through(spec, scenarioBatch('in', 0, [{ at: 1, n: 3 } as Row], 0))).toThrow(/FLAT_MAP_LIMIT/);
  });
});

describe('project', () => {
  it('gives the rows with the named fields only, and the same by column', () => {
    fc.assert(
      fc.property(one, fc.subarray(['at', 'n', 'text']), (scenario, kept) => {
        const pick = (row: Row): object => Object.fromEntries(kept.map((name) => [name, row[name as keyof Row]]));
        checkScenario(project(kept), scenario, (emitted) => sorted(outOf(emitted)), sorted(rowsOf(scenario).map(pick)));
        const rows = scenario.inputs[0]!.partitions[0]!;
        project(kept)
          .create({} as never)
          .onBatch(
            scenarioBatch('in', 0, rows, 0),
            {
              emit: (batch) => {
                for (const name of ['at', 'n', 'text']) expect([...Array.from(batch.values(name))]).toEqual(rows.map((row) => (kept.includes(name) ? row[name as keyof Row] : null)));
                expect(batch.kindOf('n') === undefined).toBe(!kept.includes('n'));
                expect([...batch.numbers('n')]).toEqual(rows.map(({ n }) => (kept.includes('n') ? n : Number.NaN)));
              },
            },
            0,
          );
      }),
      { numRuns: cases(150) },
    );
  });
});

describe('union', () => {
  it('holds the rows of all its inputs, each once, with their times', () => {
    fc.assert(
      fc.property(scenarios({ inputs: { in1: fields, in2: fields, in3: fields }, maxRows: 15 }), (scenario) => {
        const expected = sorted(placedRows(scenario).map(({ row }) => row));
        checkScenario(union(3), scenario, (emitted) => sorted(outOf(emitted)), expected);
        for (const { row, timestamp } of runScenario(union(3), scenario, 'live')) expect(timestamp).toBe((row as Row).at);
      }),
      { numRuns: cases(150) },
    );
  });

  it('is associative: a union of unions holds what one union holds', () => {
    fc.assert(
      fc.property(scenarios({ inputs: { in1: fields, in2: fields, in3: fields }, maxRows: 10 }), (scenario) => {
        const inner = outOf(runScenario(union(2), { ...scenario, inputs: scenario.inputs.slice(0, 2) }, 'perfect')) as Row[];
        const last = scenario.inputs[2]!;
        const nested = { ...scenario, inputs: [{ name: 'in1', partitions: [inner] }, last] };
        expect(sorted(outOf(runScenario(union(2), nested, 'perfect')))).toEqual(sorted(outOf(runScenario(union(3), scenario, 'perfect'))));
      }),
      { numRuns: cases(100) },
    );
  });
});

describe('split', () => {
  const predicates = { few: ({ n }: Row) => n < 2, some: ({ n }: Row) => n < 3, named: ({ text }: Row) => text === 'x' };
  const portOf = (row: Row): string => (row.n < 2 ? 'few' : row.n < 3 ? 'some' : row.text === 'x' ? 'named' : 'rest');

  it('sends each row to the first output that takes it, and what none takes to the rest', () => {
    fc.assert(
      fc.property(one, (scenario) => {
        const view = (emitted: readonly Emitted[]): unknown => sorted(emitted.map(({ port, row }) => [port, row]));
        checkScenario(split(predicates), scenario, view, sorted(rowsOf(scenario).map((row) => [portOf(row), row])));
      }),
      { numRuns: cases(150) },
    );
  });

  it('loses and doubles nothing: the union of its outputs is its input', () => {
    fc.assert(
      fc.property(one, (scenario) => {
        const emitted = runScenario(splitBy(['0', '1', '2', '3', '4'], ({ n }: Row) => String(n)), scenario, 'live');
        expect(sorted(emitted.map(({ row }) => row))).toEqual(sorted(rowsOf(scenario)));
        expect(emitted.every(({ port, row }) => port === String((row as Row).n))).toBe(true);
      }),
      { numRuns: cases(100) },
    );
  });

  it('refuses an output twice, none, and a row for an output that there is not', () => {
    expect(() => splitBy([], () => '')).toThrow(/SPLIT_OUTPUT/);
    expect(() => split({ rest: () => true })).toThrow(/SPLIT_OUTPUT/);
    expect(() => through(splitBy(['a'], () => 'b'), scenarioBatch('in', 0, [{ at: 1 }], 0))).toThrow(/SPLIT_OUTPUT/);
  });
});

describe('assignIds', () => {
  it('gives different ids to all records, the same in every mode and batching', () => {
    fc.assert(
      fc.property(one, (scenario) => {
        const expected = placedRows(scenario).map(({ row, partition, offset }) => ({ ...row, id: `in/${partition}/${offset}` }));
        checkScenario(assignIds('id'), scenario, (emitted) => sorted(outOf(emitted)), sorted(expected));
        expect(new Set(expected.map(({ id }) => id)).size).toBe(expected.length);
      }),
      { numRuns: cases(150) },
    );
  });

  it('tells the rows apart that flatMap makes of one record', () => {
    const batches: Batch[] = [];
    const observer = { counted: () => undefined } as never;
    flatMap(({ n }: Row) => new Array<object>(n).fill({}))
      .create({ observer } as never)
      .onBatch(scenarioBatch('in', 2, [{ at: 1, n: 3 } as Row, { at: 1, n: 1 } as Row], 5), { emit: (batch) => batches.push(batch) }, 0);
    expect(outOf(through(assignIds('id'), batches[0]!))).toEqual([{ id: 'in/2/5' }, { id: 'in/2/5.1' }, { id: 'in/2/5.2' }, { id: 'in/2/6' }]);
  });

  it('gives equal ids to rows that are equal in the named fields, and to no others', () => {
    fc.assert(
      fc.property(one, (scenario) => {
        const byId = new Map<string, Set<string>>();
        for (const row of outOf(runScenario(assignIds('id', ['n', 'text']), scenario, 'live')) as readonly (Row & { id: string })[]) {
          const named = JSON.stringify([row.n, row.text]);
          byId.set(row.id, (byId.get(row.id) ?? new Set()).add(named));
        }
        const kinds = new Set(rowsOf(scenario).map(({ n, text }) => JSON.stringify([n, text])));
        expect(byId.size).toBe(kinds.size);
        for (const named of byId.values()) expect(named.size).toBe(1);
      }),
      { numRuns: cases(100) },
    );
  });

  it('needs a place in the log, unless it is given fields', () => {
    const spec = assignIds('id');
    expect(spec.describe().detail).toBe('id from the place in the log');
    const run = new ParallelRun(spec, 1);
    const { origin: _origin, ...parts } = scenarioBatch('in', 0, [{ at: 1 }], 0);
    expect(() => run.rows(0, { ...parts, origin: undefined, length: 1, rows: Int32Array.of(0), at: () => ({ at: 1 }) } as unknown as Batch)).toThrow(/ID_NO_ORIGIN/);
  });
});

describe('textHash', () => {
  it('is a function of the text, and differs between texts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(textHash(a)).toMatch(/^[0-9a-f]{32}$/);
        expect(textHash(a) === textHash(b)).toBe(a === b);
      }),
      { numRuns: cases(300) },
    );
  });

  it('finds no two alike among many that differ little', () => {
    const hashes = new Set(Array.from({ length: 200_000 }, (_, index) => textHash(`[${index % 1_000},"${Math.floor(index / 1_000)}"]`)));
    expect(hashes.size).toBe(200_000);
    const firsts = new Set([...hashes].map((hash) => hash.slice(0, 8)));
    // 200,000 of 2^32: about 5 pairs share their first lane by chance.
    expect(firsts.size).toBeGreaterThan(199_950);
  });
});
