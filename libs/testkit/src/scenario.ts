import type { Timestamp } from '@weir/model';
import fc from 'fast-check';
import { disorderedRows } from './event-arbitraries.ts';

/** A row of a scenario; its event time is `at`. */
export interface ScenarioRow {
  readonly at: Timestamp;
}

/** One input of the operator under test: its partitions, each in log order; a row's place in its partition is its offset. */
export interface ScenarioInput<Row extends ScenarioRow = ScenarioRow> {
  readonly name: string;
  readonly partitions: readonly (readonly Row[])[];
}

/** What an operator is fed, and the seed of the order in which it gets it. */
export interface Scenario<Row extends ScenarioRow = ScenarioRow> {
  readonly inputs: readonly ScenarioInput<Row>[];
  readonly seed: number;
}

/** A row and where it lies. */
export interface PlacedRow<Row> {
  readonly row: Row;
  readonly input: number;
  readonly partition: number;
  readonly offset: number;
}

export interface ScenarioOptions<Fields extends object> {
  /** By name and in the order of the spec's inputs: what a row has besides `at`. */
  readonly inputs: Readonly<Record<string, fc.Arbitrary<Fields>>>;
  /** Partitions of each input; default 2. */
  readonly partitions?: number;
  /** Milliseconds whose multiples the times fall on, and just beside: a window's size, say. Default 10. */
  readonly boundary?: number;
  /** The most that a row comes behind its time, in milliseconds; default 3 boundaries. */
  readonly maxDelay?: number;
  /** Of each input; default 40. */
  readonly maxRows?: number;
}

/**
 * Rows for each input with all that goes wrong in a log: disorder, rows that come twice, equal times, times before 1970, times on the
 * boundary and one beside it, partitions without rows.
 */
export function scenarios<Fields extends object>({ inputs, partitions = 2, ...disorder }: ScenarioOptions<Fields>): fc.Arbitrary<Scenario<Fields & ScenarioRow>> {
  const names = Object.keys(inputs);
  const arrivals = names.map((name) => disorderedRows(inputs[name]!, { partitions, ...disorder }));
  return fc.tuple(fc.tuple(...arrivals), fc.integer()).map(([byInput, seed]) => ({
    seed,
    inputs: byInput.map((rows, input) => ({
      name: names[input]!,
      partitions: Array.from({ length: partitions }, (_, partition) =>
        rows.filter((row) => row.partition === partition).map(({ timestamp, value }) => ({ at: timestamp, ...value })),
      ),
    })),
  }));
}

/** All rows of a scenario, by input, partition and offset; what an oracle starts from. */
export function placedRows<Row extends ScenarioRow>({ inputs }: Scenario<Row>): readonly PlacedRow<Row>[] {
  return inputs.flatMap(({ partitions }, input) => partitions.flatMap((rows, partition) => rows.map((row, offset) => ({ row, input, partition, offset }))));
}
