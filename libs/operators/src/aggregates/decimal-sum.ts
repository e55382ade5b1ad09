import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';
import { readsOf, selectorText } from './value-reader.ts';
import type { Selector } from './value-reader.ts';

const DECIMAL = /^([+-]?\d+)(?:\.(\d*))?$/;
const MOST_CHARACTERS = 1_000;

/** Names of the fields of a row that hold text, or null. */
export type TextField<T> = { [Name in keyof T]-?: NonNullable<T[Name]> extends string ? Name : never }[keyof T] & string;

/** A decimal number: units x 10^-scale. */
export interface Decimal {
  units: bigint;
  scale: number;
}

/**
 * The sum of decimal numbers that are written as text, `12.34` say, as text without needless zeros: exact to every digit, whatever their
 * size. Nulls are passed over; the sum of none is `0`. Throws AGGREGATE_DECIMAL on text that is no decimal number.
 */
export function decimalSum<T>(selector: TextField<T> | ((row: T) => string | null)): Aggregator<T, Decimal, string> {
  const chosen = selector as Selector<never, string | null>;
  const read = typeof chosen === 'string' ? (row: unknown) => (row as Record<string, string | null>)[chosen] ?? null : (chosen as (row: unknown) => string | null);
  return Object.freeze({
    kind: 'decimal-sum',
    describe: `decimalSum(${selectorText(chosen)})`,
    ...readsOf(chosen),
    create: (): Decimal => ({ units: 0n, scale: 0 }),
    add: (total: Decimal, row: T) => {
      const text = read(row);
      return text === null ? total : plus(total, decimalOf(text), 1n);
    },
    merge: (into: Decimal, from: Decimal) => plus(into, from, 1n),
    retract: (into: Decimal, from: Decimal) => plus(into, from, -1n),
    finish: textOf,
    write: (total: Decimal, writer: BinaryWriter) => writer.text(textOf(total)),
    read: (reader: BinaryReader) => decimalOf(reader.text(), Number.POSITIVE_INFINITY),
  });
}

function plus(into: Decimal, from: Decimal, sign: 1n | -1n): Decimal {
  const scale = Math.max(into.scale, from.scale);
  into.units = into.units * 10n ** BigInt(scale - into.scale) + sign * from.units * 10n ** BigInt(scale - from.scale);
  into.scale = scale;
  return into;
}

function decimalOf(text: string, most = MOST_CHARACTERS): Decimal {
  const [, whole, fraction = ''] = (text.length <= most ? DECIMAL.exec(text) : null) ?? [];
  if (whole === undefined) {
    throw new WeirError('AGGREGATE_DECIMAL', `'${text.slice(0, 40)}' is no decimal number of at most ${MOST_CHARACTERS} characters.`, {
      remedy: 'Write it with digits, a point and a sign only, or filter such rows out.',
    });
  }
  return { units: BigInt(`${whole}${fraction}`), scale: fraction.length };
}

function textOf({ units, scale }: Decimal): string {
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - scale);
  return scale === 0 || fraction === '' ? `${sign}${scale === 0 ? digits : whole}` : `${sign}${whole}.${fraction}`;
}
