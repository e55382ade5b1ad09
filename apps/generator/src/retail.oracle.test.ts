import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NO_TEXT } from './retail-lines.ts';
import { parseRetail, readRetail } from './retail.ts';

/** The same file, read line by line with a pattern, and summed in whole numbers of any size. */
function plainTotals() {
  const csv = gunzipSync(readFileSync(new URL('../data/online-retail.csv.gz', import.meta.url))).toString();
  const totals = { lines: 0, negative: 0, guests: 0, units: 0n, cents: 0n, centsOfSales: 0n, time: 0n };
  for (const line of csv.split('\n').slice(1)) {
    if (line === '') continue;
    const [, quantity, , date, price, customer] = /,(-?\d+),((\d{4}-[^,]+)),(-?[\d.]+),([^,]*),[^,]+$/.exec(line)!;
    const units = BigInt(quantity!);
    const [whole, fraction = ''] = price!.replace('-', '').split('.');
    // Ten-thousandths of a pound, then cents, half away from zero.
    const exact = units * BigInt(`${whole}${fraction.padEnd(4, '0')}`) * (price!.startsWith('-') ? -1n : 1n);
    const cents = exact < 0n ? -((-exact + 50n) / 100n) : (exact + 50n) / 100n;
    totals.lines++;
    totals.units += units;
    totals.cents += cents;
    if (units < 0n) totals.negative++;
    else totals.centsOfSales += cents;
    if (customer === '') totals.guests++;
    totals.time += BigInt(Date.UTC(+date!.slice(0, 4), +date!.slice(5, 7) - 1, +date!.slice(8, 10), +date!.slice(11, 13), +date!.slice(14, 16)));
  }
  return totals;
}

describe('the data set', () => {
  const lines = readRetail();

  it('has the totals of a plain reading, to the cent', () => {
    const totals = { lines: lines.length, negative: 0, guests: 0, units: 0n, cents: 0n, centsOfSales: 0n, time: 0n };
    for (let line = 0; line < lines.length; line++) {
      totals.units += BigInt(lines.units[line]!);
      totals.cents += BigInt(lines.cents[line]!);
      totals.time += BigInt(lines.placedAt[line]!);
      if (lines.units[line]! < 0) totals.negative++;
      else totals.centsOfSales += BigInt(lines.cents[line]!);
      if (lines.customers[line] === NO_TEXT) totals.guests++;
    }
    expect(totals).toEqual(plainTotals());
    expect(totals).toMatchObject({ lines: 541_909, negative: 10_624, guests: 135_080 });
  });

  it('is in the order of time, each line with all that it needs', () => {
    const { length, placedAt, invoices, products, countries, texts } = lines;
    for (let line = 0; line < length; line++) {
      if (line > 0 && placedAt[line]! < placedAt[line - 1]!) throw new Error(`line ${line} is before the one above it`);
      if (texts[invoices[line]!] === undefined || texts[products[line]!] === undefined || texts[countries[line]!] === undefined) throw new Error(`line ${line} lacks a text`);
    }
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('reading a line', () => {
  const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n';

  it('takes quotation marks, commas in them, empty fields and times as UTC', () => {
    const csv = [
      '536477,22041,"RECORD, FRAME 7"" SINGLE ",48,2010-12-01 12:27:00,2.1,16210.0,United Kingdom',
      '536544,90214D,"LETTER ""D""",-1,2010-12-01 14:32:00,0.85,,"A, ""B"""',
      '536545,21134,,1,2010-12-01 14:32:00,0.0,,EIRE',
    ].join('\n');
    const lines = parseRetail(HEADER + csv, 3);
    const text = (number: number): string | null => (number === NO_TEXT ? null : lines.texts[number]!);
    expect(lines.length).toBe(3);
    expect([...lines.descriptions].map(text)).toEqual(['RECORD, FRAME 7" SINGLE ', 'LETTER "D"', null]);
    expect([...lines.countries].map(text)).toEqual(['United Kingdom', 'A, "B"', 'EIRE']);
    expect([...lines.customers].map(text)).toEqual(['16210', null, null]);
    expect([...lines.cents]).toEqual([10_080, -85, 0]);
    expect(lines.placedAt[0]).toBe(Date.UTC(2010, 11, 1, 12, 27));
  });

  it('refuses a file that is another one', () => {
    expect(() => readRetail(new URL('../package.json', import.meta.url).pathname)).toThrow(/RETAIL_DAMAGED/);
    expect(() => readRetail('/nowhere/online-retail.csv.gz')).toThrow(/RETAIL_DAMAGED/);
  });
});
