/** 2^27 + 1: splits a double into two halves of at most 26 bits (Veltkamp, 1968). */
const SPLITTER = 0x8000001;

/**
 * What rounding took from a * b: a * b = product + this, exactly (Dekker, A floating-point technique, 1971). Exact while neither
 * factor exceeds 2^970, the product does not overflow and its last bit is at least 2^-1074; below, it is rounded to that.
 */
export function productError(a: number, b: number, product: number): number {
  const aHigh = upper(a);
  const aLow = a - aHigh;
  const bHigh = upper(b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

function upper(value: number): number {
  const scaled = SPLITTER * value;
  return scaled - (scaled - value);
}
