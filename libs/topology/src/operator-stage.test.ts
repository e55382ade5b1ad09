import type { Batch, Operator } from '@weir/model';
import { minutes } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { int, record, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { describe, expect, it } from 'vitest';
import { pipeline } from './index.ts';
import type { TypedOperator } from './index.ts';

const Reading = record('Reading', { value: int(), at: timestamp() });
type Reading = { readonly value: number; readonly at: number };

/** Parts rows by the parity of their value; counts what it saw, over restarts too. */
const parity: TypedOperator<Reading, { readonly even: Reading; readonly odd: Reading }> = {
  kind: 'parity',
  inputs: [{ name: 'in', distribution: { kind: 'forward' }, reads: ['value'] }],
  outputs: ['even', 'odd'],
  stateful: true,
  conserves: true,
  passes: [{ input: 0, port: 0 }, { input: 0, port: 1 }],
  describe: () => ({ kind: 'parity', detail: '' }),
  create: (): Operator => ({
    onBatch: (batch: Batch, out) => {
      const values = batch.numbers('value');
      for (const port of [0, 1]) {
        const rows = batch.rows.slice(0, batch.length).filter((position) => Math.abs(values[position]! % 2) === port);
        if (rows.length > 0) out.emit(batch.select(rows, rows.length), port);
      }
    },
  }),
};

const time = { timestamp: 'at', watermark: boundedOutOfOrderness(minutes(1)) } as const;

describe("an operator of one's own", () => {
  it('is a step like any other, with a stream for each output', () => {
    const parted = pipeline({ name: 'parted', sources: { readings: Reading }, sinks: { even: Reading, odd: Reading } }, ({ readings }, sinks) => {
      const { even, odd } = readings.withEventTime(time).operator('parity', parity);
      even.to(sinks.even);
      odd.to(sinks.odd);
    });
    const driver = testDriver(parted);
    driver.push('readings', [1, 2, 3, 4].map((value) => ({ value, at: value })));
    expect(driver.drain('even').map(({ value }) => value)).toEqual([2, 4]);
    expect(driver.drain('odd').map(({ value }) => value)).toEqual([1, 3]);
    expect(driver.books()).toMatchObject({ records: 4, counted: 4 });
    expect(driver.describe()).toContain('parity <- readings: parity');
  });

  it('is refused when it wants several streams', () => {
    const two = { ...parity, inputs: [...parity.inputs, { name: 'more', distribution: { kind: 'forward' } as const }] };
    expect(() =>
      pipeline({ name: 'refused', sources: { readings: Reading }, sinks: {} }, ({ readings }) => {
        readings.withEventTime(time).operator('parity', two).even.discard('never');
      }),
    ).toThrow(/TOPOLOGY_OPERATOR_INPUTS refused\/parity/);
  });

  it('takes rows of its type only', () => {
    const Other = record('Other', { text: int(), at: timestamp() });
    expect(() =>
      pipeline({ name: 'other', sources: { others: Other }, sinks: {} }, ({ others }) => {
        // @ts-expect-error the operator wants rows with a value
        const { even, odd } = others.withEventTime(time).operator('parity', parity);
        even.discard('none');
        odd.discard('none');
      }),
    ).not.toThrow();
  });
});
