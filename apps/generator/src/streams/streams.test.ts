import type { Trade } from '@weir/pipelines';
import { describe, expect, it } from 'vitest';
import { DISORDERS } from './arrivals.ts';
import type { Arrived } from './arrivals.ts';
import { burstTime } from './draw.ts';
import { STREAMS } from './registry.ts';

const EVENTS = 5_000;
const OPTIONS = { seed: 11, events: EVENTS };

const idOf = (row: object): string => {
  const [[first, value] = ['', undefined], second] = Object.entries(row) as [string, unknown][];
  return first === 'tradeId' ? `${String(value)} ${String(second?.[1])}` : first === 'op' ? JSON.stringify(row) : String(value);
};

describe.each(Object.entries(STREAMS))('stream %s', (name, make) => {
  const inOrder = make(OPTIONS, DISORDERS.none);
  const mild = make(OPTIONS, DISORDERS.mild);
  const rowsOf = ({ topics }: typeof inOrder): readonly Arrived<object>[] => Object.values(topics).flat();

  it('is the same again from the same seed, and another from another', () => {
    expect(make(OPTIONS, DISORDERS.mild)).toEqual(mild);
    expect(make({ ...OPTIONS, seed: 12 }, DISORDERS.mild)).not.toEqual(mild);
  });

  it('has about as many rows as were asked for, each once', () => {
    const rows = rowsOf(inOrder);
    expect(rows.length).toBeGreaterThanOrEqual(EVENTS);
    expect(rows.length).toBeLessThan(EVENTS + 100);
    expect(new Set(rows.map(({ row }) => idOf(row))).size).toBe(rows.length);
  });

  it('without disorder arrives in the order of time, when it happened', () => {
    for (const topic of Object.values(inOrder.topics)) {
      const sent = topic.map(({ row, time }) => (name === 'trades' ? (row as Trade).bookedAt : time));
      expect(topic.map(({ arrival }) => arrival)).toEqual(sent.sort((a, b) => a - b));
    }
  });

  it('with disorder has the same rows and the same truth, some rows twice', () => {
    expect(mild.truth).toEqual(inOrder.truth);
    expect(new Set(rowsOf(mild).map(({ row }) => idOf(row)))).toEqual(new Set(rowsOf(inOrder).map(({ row }) => idOf(row))));
    const twice = rowsOf(mild).length / rowsOf(inOrder).length - 1;
    expect(twice).toBeGreaterThan(0.01);
    expect(twice).toBeLessThan(0.03);
  });

  it('with mild disorder nothing is more than 90 s behind the newest row before it', () => {
    for (const topic of Object.values(mild.topics)) {
      let newest = -Infinity;
      for (const { row, time: happened } of topic) {
        const time = name === 'trades' ? (row as Trade).bookedAt : happened;
        expect(newest - time).toBeLessThanOrEqual(90_000);
        newest = Math.max(newest, time);
      }
    }
  });

  it('with harsh disorder some rows come far too late', () => {
    const harsh = rowsOf(make(OPTIONS, DISORDERS.harsh));
    expect(harsh.filter(({ time, arrival }) => arrival - time > 90_000).length).toBeGreaterThan(5);
  });

  it('plants something of every kind', () => {
    const planted = Array.isArray(inOrder.truth) ? { rows: inOrder.truth } : (inOrder.truth as Record<string, readonly unknown[]>);
    for (const things of Object.values(planted)) expect(things.length).toBeGreaterThan(3);
  });
});

it('bursts keep the average pace', () => {
  expect(burstTime(0, 100, 200)).toBe(20_000);
  expect(burstTime(0, 100, 60) / 60).toBeLessThan(20);
  const times = Array.from({ length: 1_000 }, (_, index) => burstTime(0, 100, index));
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
