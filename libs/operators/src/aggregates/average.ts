import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { ExactSum } from './exact-sum.ts';
import { numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

/** An exact sum and how many values are in it. */
export interface Mean {
  readonly total: ExactSum;
  values: number;
}

/** The arithmetic mean: the exact sum divided once. Nulls are passed over; null when there is none. */
export function average<T>(selector: NumericField<T> | ((row: T) => number | null)): Aggregator<T, Mean, number | null> {
  const chosen = selector as Selector<never, number | null>;
  const read = numberOf(chosen);
  return Object.freeze({
    kind: 'average',
    describe: `average(${selectorText(chosen)})`,
    ...readsOf(chosen),
    create: () => ({ total: new ExactSum(), values: 0 }),
    add: (mean: Mean, row: T) => {
      const value = read(row);
      if (Number.isNaN(value)) return mean;
      mean.total.add(value);
      mean.values++;
      return mean;
    },
    merge: (into: Mean, from: Mean) => {
      into.total.merge(from.total);
      into.values += from.values;
      return into;
    },
    retract: (into: Mean, from: Mean) => {
      into.total.retract(from.total);
      into.values -= from.values;
      return into;
    },
    finish: ({ total, values }: Mean) => (values === 0 ? null : total.value() / values),
    write: ({ total, values }: Mean, writer: BinaryWriter) => {
      writer.float64(values);
      total.write(writer);
    },
    read: (reader: BinaryReader) => {
      const values = reader.float64();
      return { total: ExactSum.read(reader), values };
    },
  });
}
