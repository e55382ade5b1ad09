import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { readsOf, selectorText, valueOf } from './value-reader.ts';
import type { Selector, ValueField } from './value-reader.ts';

/** How often each value occurred; the counts let rows be taken back. */
export type Occurrences = Map<string | number, number>;

/** How many distinct values there are, exactly; memory grows with them. Nulls are passed over. */
export function distinct<T>(selector: ValueField<T> | ((row: T) => string | number | null)): Aggregator<T, Occurrences, number> {
  const chosen = selector as Selector<never, string | number | null>;
  const read = valueOf(chosen);
  return Object.freeze({
    kind: 'distinct',
    describe: `distinct(${selectorText(chosen)})`,
    ...readsOf(chosen),
    create: (): Occurrences => new Map(),
    add: (values: Occurrences, row: T) => {
      const value = read(row);
      if (value !== null) values.set(value, (values.get(value) ?? 0) + 1);
      return values;
    },
    merge: (into: Occurrences, from: Occurrences) => {
      for (const [value, times] of from) into.set(value, (into.get(value) ?? 0) + times);
      return into;
    },
    retract: (into: Occurrences, from: Occurrences) => {
      for (const [value, times] of from) {
        const left = (into.get(value) ?? 0) - times;
        if (left > 0) into.set(value, left);
        else into.delete(value);
      }
      return into;
    },
    finish: (values: Occurrences) => values.size,
    write: (values: Occurrences, writer: BinaryWriter) => {
      writer.int32(values.size);
      for (const [value, times] of [...values].sort(([a], [b]) => inOrder(a, b))) {
        writer.key(value);
        writer.float64(times);
      }
    },
    read: (reader: BinaryReader) => {
      const values: Occurrences = new Map();
      for (let left = reader.int32(); left > 0; left--) values.set(reader.key(), reader.float64());
      return values;
    },
  });
}

/** Numbers first, then texts; a total order, so that equal states are equal bytes. */
function inOrder(a: string | number, b: string | number): number {
  if (typeof a === typeof b) return a < b ? -1 : 1;
  return typeof a === 'number' ? -1 : 1;
}
