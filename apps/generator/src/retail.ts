import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { WeirError } from '@weir/model';
import type { Order } from '@weir/pipelines';
import { lineCents } from './line-cents.ts';

const FILE = fileURLToPath(new URL('../data/online-retail.csv.gz', import.meta.url));
const SHA256 = 'c35975c40d0e1e105090fbb11188a409393055f873841bd012915475fc84e69f';

/** The order lines of UCI Online Retail, in the order of the file, which is the order of time. Throws RETAIL_DAMAGED. */
export function readRetail(): readonly Order[] {
  const csv = gunzipSync(readFileSync(FILE));
  if (createHash('sha256').update(csv).digest('hex') !== SHA256) {
    throw new WeirError('RETAIL_DAMAGED', `The file ${FILE} is not the data set that it should be.`, { remedy: 'Restore it from the repository.' });
  }
  const rows = parse(csv, { from_line: 2 });
  return rows.map((row, line) => toOrder(row, line));
}

function toOrder(row: readonly string[], line: number): Order {
  const [invoice, product, description, quantity, placed, price, customer, country] = row as [string, string, string, string, string, string, string, string];
  const units = Number(quantity);
  return {
    invoice,
    line,
    product,
    description: description === '' ? null : description,
    units,
    cents: lineCents(units, price),
    // The file has no zone; its times are read as UTC.
    placedAt: Date.parse(`${placed.replace(' ', 'T')}Z`),
    // The file writes customer numbers as decimals.
    customer: customer === '' ? null : customer.replace(/\.0$/, ''),
    country,
  };
}
