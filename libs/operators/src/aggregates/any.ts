import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { compareKept, copyOf, keptOf, readKept, writeKept } from './kept-value.ts';
import type { Kept } from './kept-value.ts';
import { readsOf, selectorText } from './value-reader.ts';
import type { Selector } from './value-reader.ts';

/** The value so far. */
export interface Held {
  value: Kept | null;
}

/** Some value that is not null, for what is the same in all rows; when it is not, the least, so that the order of rows never shows. Null when there is none. */
export function any<T, K extends keyof T & string, V = T[K]>(value: K | ((row: T) => V)): Aggregator<T, Held, NonNullable<V> | null> {
  const chosen = value as Selector<never, unknown>;
  const read = keptOf(chosen);
  const offer = (held: Held, given: Kept): void => {
    if (held.value === null || compareKept(given, held.value) < 0) held.value = given;
  };
  return Object.freeze({
    kind: 'any',
    describe: `any(${selectorText(chosen)})`,
    ...readsOf(chosen),
    create: (): Held => ({ value: null }),
    add: (held: Held, row: T) => {
      const given = read(row);
      if (given !== null && given !== held.value) offer(held, copyOf(given));
      return held;
    },
    merge: (into: Held, from: Held) => {
      if (from.value !== null) offer(into, from.value);
      return into;
    },
    finish: (held: Held) => held.value as NonNullable<V> | null,
    write: ({ value: held }: Held, writer: BinaryWriter) => {
      writer.uint8(held === null ? 0 : 1);
      if (held !== null) writeKept(held, writer);
    },
    read: (reader: BinaryReader): Held => ({ value: reader.uint8() === 1 ? readKept(reader) : null }),
  });
}
