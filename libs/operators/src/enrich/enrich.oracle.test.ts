import type { Batch, Collector, Operator, OperatorRequest, OperatorSpec, RequestAnswer } from '@weir/model';
import { MAX_WATERMARK } from '@weir/model';
import { SnapshotReader, SnapshotWriter } from '@weir/state';
import { cases, placedRows, runScenario, scenarioBatch, scenarios } from '@weir/testkit';
import type { Emitted, Scenario } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnRequestFailure } from './enrich.ts';
import { enrich } from './enrich.ts';

interface Row {
  readonly at: number;
  readonly n: number;
}

interface Out {
  readonly n: number;
  readonly answer: number | null;
}

function squares(ordered: boolean, onFailure: OnRequestFailure): OperatorSpec {
  return enrich<Row, number | null, Out>({ lookup: 'squares', request: ({ n }) => ({ n }), concurrency: 3, ordered, onFailure, join: ({ n }, answer) => ({ n, answer }) });
}

/** What is asked, and what comes of it: a square, or a failure for multiples of five. */
function answerTo({ id, request }: OperatorRequest): RequestAnswer {
  const { n } = request as { n: number };
  return n % 5 === 0 ? { id, failed: true, json: JSON.stringify(`no ${n}`) } : { id, failed: false, json: JSON.stringify(n * n) };
}

/** Answers within the operator: some requests at once, others later, all at the end; which, the request decides. */
function selfAnswering(spec: OperatorSpec): OperatorSpec {
  return {
    ...spec,
    create: (context, restored) => {
      const inner = spec.create(context, restored);
      let held: OperatorRequest[] = [];
      const answer = (out: Collector, all: boolean): void => {
        held.push(...inner.requests!.take(Number.POSITIVE_INFINITY));
        const now = held.filter(({ id, request }) => all || ((request as { n: number }).n + id) % 3 === 0).reverse();
        held = held.filter((request) => !now.includes(request));
        if (now.length > 0) inner.onAnswers!(now.map(answerTo), out);
      };
      return {
        onBatch: (batch: Batch, out: Collector, input: number) => {
          inner.onBatch(batch, out, input);
          answer(out, false);
        },
        onWatermark: (watermark: number, out: Collector) => {
          inner.onWatermark!(watermark, out);
          answer(out, watermark === MAX_WATERMARK);
        },
        outputWatermark: () => inner.outputWatermark!(),
        snapshot: (writer) => inner.snapshot!(writer),
      } satisfies Operator;
    },
  };
}

const IGNORED: Collector = { emit: () => undefined };

function snapshotOf(operator: Operator): Uint8Array {
  const writer = new SnapshotWriter();
  operator.snapshot!(writer.step('step'));
  return writer.encode();
}

const one: fc.Arbitrary<Scenario<Row>> = scenarios({ inputs: { in: fc.record({ n: fc.integer({ min: 0, max: 12 }) }) } });
const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

function expected(scenario: Scenario<Row>, onFailure: OnRequestFailure): readonly string[] {
  return sorted(
    placedRows(scenario).map(({ row }) => {
      if (row.n % 5 !== 0) return ['out', row.at, { n: row.n, answer: row.n * row.n }];
      return onFailure === 'null' ? ['out', row.at, { n: row.n, answer: null }] : ['failed', row.at, { row, error: `no ${row.n}` }];
    }),
  );
}

const view = (emitted: readonly Emitted[]): readonly string[] => sorted(emitted.map(({ port, timestamp, row }) => [port, timestamp, row]));

describe('enrich', () => {
  it.each(['dead-letter', 'null'] as const)('gives each row its answer once, through restarts and rescaling, behind no watermark; failures go to %s', (onFailure) => {
    fc.assert(
      fc.property(one, fc.boolean(), (scenario, ordered) => {
        const spec = selfAnswering(squares(ordered, onFailure));
        for (const mode of ['perfect', 'live', 'restored'] as const) expect(view(runScenario(spec, scenario, mode))).toEqual(expected(scenario, onFailure));
      }),
      { numRuns: cases(200) },
    );
  });

  it('lets rows go in the order in which they came, when it is ordered', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 30 }), (numbers, shuffle) => {
        const collected: Out[] = [];
        const out: Collector = { emit: (batch) => batch.rows.subarray(0, batch.length).forEach((position) => collected.push(batch.at(position) as Out)) };
        const operator = squares(true, 'null').create({ step: 'step', observer: { counted: () => undefined } } as never);
        operator.onBatch(scenarioBatch('in', 0, numbers.map((n, at): Row => ({ at, n })), 0), out, 0);
        const requests = [...operator.requests!.take(1_000)];
        expect(requests.map(({ request }) => (request as Row).n)).toEqual(numbers);
        let answered = 0;
        const isAnswered = new Array<boolean>(numbers.length).fill(false);
        while (requests.length > 0) {
          const [request] = requests.splice((shuffle[answered++ % Math.max(1, shuffle.length)] ?? 0) % requests.length, 1);
          operator.onAnswers!([answerTo(request!)], out);
          isAnswered[request!.id] = true;
          const head = isAnswered.indexOf(false);
          expect(collected.map(({ n }) => n)).toEqual(numbers.slice(0, head < 0 ? numbers.length : head));
        }
      }),
      { numRuns: cases(200) },
    );
  });

  it('holds the watermark back by what waits, and by nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 20 }), fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), fc.integer({ min: -30, max: 30 }), (times, shuffle, watermark) => {
        const out: Collector = { emit: () => undefined };
        const operator = squares(false, 'null').create({ step: 'step', observer: { counted: () => undefined } } as never);
        operator.onBatch(scenarioBatch('in', 0, times.map((at, n): Row => ({ at, n })), 0), out, 0);
        const waiting = [...operator.requests!.take(1_000)];
        operator.onWatermark!(watermark, out);
        let last = Number.NEGATIVE_INFINITY;
        for (let turn = 0; waiting.length > 0; turn++) {
          const passed = operator.outputWatermark!();
          expect(passed).toBe(Math.min(watermark, ...waiting.map(({ id }) => times[id]!)));
          expect(passed).toBeGreaterThanOrEqual(last);
          last = passed;
          const [request] = waiting.splice(shuffle[turn % shuffle.length]! % waiting.length, 1);
          operator.onAnswers!([answerTo(request!)], out);
        }
        expect(operator.outputWatermark!()).toBe(watermark);
      }),
      { numRuns: cases(200) },
    );
  });

  it('after a restore asks again what had no answer, in the old order and by the old ids, and its bytes are the same', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 30 }), fc.nat(30), fc.array(fc.nat(30)), fc.boolean(), (numbers, asked, answered, ordered) => {
        const spec = squares(ordered, 'null');
        const context = { step: 'step', observer: { counted: () => undefined } } as never;
        const operator = spec.create(context);
        operator.onBatch(scenarioBatch('in', 0, numbers.map((n, at): Row => ({ at, n })), 0), IGNORED, 0);
        const requests = operator.requests!.take(asked);
        const chosen = requests.filter(({ id }) => answered.includes(id));
        if (chosen.length > 0) operator.onAnswers!(chosen.map(answerTo), IGNORED);
        const bytes = snapshotOf(operator);
        const again = spec.create(context, new SnapshotReader([bytes]).step('step'));
        expect(snapshotOf(again)).toEqual(bytes);
        const unanswered = numbers.map((n, id) => ({ id, request: { n } })).filter(({ id }) => !chosen.some((request) => request.id === id));
        expect(again.requests!.take(1_000)).toEqual(unanswered);
      }),
      { numRuns: cases(150) },
    );
  });

  it('is full when as many rows wait as may, and no longer when they are answered', () => {
    const spec = enrich<Row, number, Out>({ lookup: 'x', request: ({ n }) => n, concurrency: 1, ordered: true, onFailure: 'fail', maxPending: 2, join: ({ n }, answer) => ({ n, answer }) });
    const operator = spec.create({ pipeline: 'p', step: 'step', observer: { counted: () => undefined } } as never);
    const out: Collector = { emit: () => undefined };
    const rows = [1, 2].map((n): Row => ({ at: n, n }));
    operator.onBatch(scenarioBatch('in', 0, rows.slice(0, 1), 0), out, 0);
    expect(operator.requests!.isFull()).toBe(false);
    operator.onBatch(scenarioBatch('in', 0, rows.slice(1), 1), out, 0);
    expect(operator.requests!.isFull()).toBe(true);
    operator.onAnswers!([{ id: 0, failed: false, json: '1' }], out);
    expect(operator.requests!.isFull()).toBe(false);
    expect(operator.requests!.take(10)).toEqual([{ id: 1, request: 2 }]);
    expect(() => operator.onAnswers!([{ id: 1, failed: true, json: '"gone"' }], out)).toThrow(/ENRICH_FAILED p\/step.*gone/);
  });

  it('refuses numbers that make no sense', () => {
    for (const bad of [{ concurrency: 0 }, { maxPending: 0 }, { retry: { attempts: 0 } }]) {
      expect(() => enrich({ lookup: 'x', request: () => 1, concurrency: 1, ordered: true, onFailure: 'fail', join: () => 1, ...bad })).toThrow(/ENRICH_POLICY/);
    }
  });
});
