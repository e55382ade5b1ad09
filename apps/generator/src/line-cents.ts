/** Units times a decimal price, in cents, rounded half away from zero; in whole numbers all the way, so exact. */
export function lineCents(units: number, price: string): number {
  const negative = price.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? price.slice(1) : price).split('.');
  const digits = fraction.padEnd(2, '0');
  const scale = 10 ** (digits.length - 2);
  const scaled = Math.abs(units) * Number(whole + digits);
  const cents = Math.floor((scaled + scale / 2) / scale);
  const signed = units < 0 !== negative ? -cents : cents;
  return signed === 0 ? 0 : signed;
}
