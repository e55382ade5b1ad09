import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { WeirError } from '@weir/model';
import { lineCents } from './line-cents.ts';
import { RetailLinesBuilder } from './retail-lines.ts';
import type { RetailLines } from './retail-lines.ts';

const FILE = fileURLToPath(new URL('../data/online-retail.csv.gz', import.meta.url));
const SHA256 = 'c35975c40d0e1e105090fbb11188a409393055f873841bd012915475fc84e69f';
const LINES = 541_909;
const FIELDS = 8;

/** The order lines of UCI Online Retail, in the order of the file, which is the order of time. Throws RETAIL_DAMAGED. */
export function readRetail(file: string = FILE): RetailLines {
  const csv = unpacked(file);
  if (createHash('sha256').update(csv).digest('hex') !== SHA256) throw damaged(file, undefined);
  return parseRetail(csv.toString(), LINES);
}

function unpacked(file: string): Buffer {
  try {
    return gunzipSync(readFileSync(file));
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function damaged(file: string, cause: unknown): WeirError {
  return new WeirError('RETAIL_DAMAGED', `The file ${file} is not the data set that it should be.`, { remedy: 'Restore it from the repository.', cause });
}

/**
 * Reads the CSV after its header. An own reader, because it has one known file to read and takes a quarter of the time of a general
 * one: fields are cut at commas, and only lines with a quotation mark are looked at more closely.
 */
export function parseRetail(csv: string, capacity: number): RetailLines {
  const builder = new RetailLinesBuilder(capacity);
  const fields: string[] = new Array<string>(FIELDS);
  let placedText = '';
  let placedAt = 0;
  for (let at = csv.indexOf('\n') + 1; at < csv.length; ) {
    let end = csv.indexOf('\n', at);
    if (end === -1) end = csv.length;
    cut(csv, at, end, fields);
    const [invoice, product, description, quantity, placed, price, customer, country] = fields as [string, string, string, string, string, string, string, string];
    // Neighbours were mostly placed in the same minute.
    if (placed !== placedText) {
      placedText = placed;
      // The file has no zone; its times are read as UTC.
      placedAt = Date.parse(`${placed.replace(' ', 'T')}Z`);
    }
    const units = Number(quantity);
    // The file writes customer numbers as decimals.
    const number = customer.endsWith('.0') ? customer.slice(0, -2) : customer;
    builder.add({ invoice, product, description, units, cents: lineCents(units, price), placedAt, customer: number, country });
    at = end + 1;
  }
  return builder.build();
}

/** Cuts one line into `fields`. A field in quotation marks may hold commas, and a doubled mark for one. */
function cut(csv: string, from: number, end: number, fields: string[]): void {
  let at = from;
  for (let field = 0; field < FIELDS; field++) {
    if (csv.charCodeAt(at) === QUOTE) {
      let close = csv.indexOf('"', at + 1);
      while (csv.charCodeAt(close + 1) === QUOTE) close = csv.indexOf('"', close + 2);
      fields[field] = csv.slice(at + 1, close).replaceAll('""', '"');
      at = close + 2;
    } else {
      const comma = field === FIELDS - 1 ? end : csv.indexOf(',', at);
      fields[field] = csv.slice(at, comma);
      at = comma + 1;
    }
  }
}

const QUOTE = '"'.charCodeAt(0);
