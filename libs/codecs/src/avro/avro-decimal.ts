/** Decimals that are longer are refused: text of them takes time that grows faster than they do. */
export const MAX_DECIMAL_BYTES = 1_024;

/** The whole number that stands in these bytes: two's complement, the most significant first. */
export function wholeOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`));
}

/** A whole number of units of 10^-scale as text, e.g. -1250 at scale 2 is -12.50. */
export function decimalText(whole: bigint, scale: number): string {
  const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, '0');
  const sign = whole < 0n ? '-' : '';
  return scale <= 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The bytes of a decimal that is given as text: as few as hold it, or `size`. Undefined when it is no decimal of this scale, or too large. */
export function decimalBytes(text: string, scale: number, size?: number): Uint8Array | undefined {
  const match = DECIMAL.exec(text);
  const fraction = (match?.[3] ?? '').replace(/0+$/, '');
  if (match === null || fraction.length > scale) return undefined;
  const whole = BigInt(`${match[1]!}${match[2]!}${fraction.padEnd(scale, '0')}`);
  let length = size ?? 1;
  while (size === undefined && BigInt.asIntN(length * 8, whole) !== whole) length++;
  if (BigInt.asIntN(length * 8, whole) !== whole) return undefined;
  return Buffer.from(BigInt.asUintN(length * 8, whole).toString(16).padStart(length * 2, '0'), 'hex');
}
