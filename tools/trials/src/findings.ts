import type { Auditor, Audited } from './auditor.ts';
import type { PlainOrder } from './naive-views.ts';

/** What was found of one thing that must be there once. */
export interface Finding {
  readonly what: string;
  readonly expected: number;
  readonly found: number;
  /** Expected and not found. */
  readonly lost: number;
  /** Found more often than expected, or not expected at all. */
  readonly doubled: number;
  /** Seen by the auditor, and no part of any committed transaction. */
  readonly aborted: number;
}

/** Compares what was found with what was expected, as collections in which a thing may be several times. */
export function compared(what: string, expected: Iterable<string>, found: Iterable<string>): Finding {
  const counts = new Map<string, number>();
  let wanted = 0;
  for (const each of expected) {
    counts.set(each, (counts.get(each) ?? 0) + 1);
    wanted++;
  }
  let seen = 0;
  let doubled = 0;
  for (const each of found) {
    seen++;
    const left = (counts.get(each) ?? 0) - 1;
    counts.set(each, left);
    if (left < 0) doubled++;
  }
  const lost = [...counts.values()].reduce((sum, count) => sum + Math.max(0, count), 0);
  return { what, expected: wanted, found: seen, lost, doubled, aborted: 0 };
}

/** Compares the places at which the auditor saw records with those at which the console consumer sees committed ones. */
export function samePlaces(topic: string, auditor: ReadonlySet<string>, committed: ReadonlySet<string>): Finding {
  let aborted = 0;
  for (const place of auditor) if (!committed.has(place)) aborted++;
  let lost = 0;
  for (const place of committed) if (!auditor.has(place)) lost++;
  return { what: `${topic}: places, as the console consumer has them`, expected: committed.size, found: auditor.size, lost, doubled: 0, aborted };
}

type Row = Partial<PlainOrder> & { readonly bad?: number };

/** What the topic `orders` holds of each kind. */
export interface Input {
  /** One for each record, in the order of the log. */
  readonly orders: readonly PlainOrder[];
  /** Numbers of bad records. */
  readonly bad: readonly number[];
  /** Where the bad ones are, as `partition/offset`. */
  readonly badPlaces: readonly string[];
}

export function inputOf(orders: ReadonlyMap<string, Audited>): Input {
  const found: PlainOrder[] = [];
  const bad: number[] = [];
  const badPlaces: string[] = [];
  for (const [place, { value }] of orders) {
    const row = JSON.parse(value) as Row;
    if (row.line !== undefined) found.push(row as PlainOrder);
    if (row.bad === undefined) continue;
    bad.push(row.bad);
    badPlaces.push(place);
  }
  return { orders: found, bad, badPlaces };
}

/** Lines of the live shop by their numbers: those of an invoice have numbers that follow each other, from a multiple of 2,048 behind the file's. */
export function liveLines(lines: readonly number[]): Finding {
  const FILE_LINES = 541_909;
  const NUMBERS_OF_INVOICE = 2_048;
  const invoices = new Map<number, Set<number>>();
  let doubled = 0;
  for (const line of lines) {
    const invoice = Math.floor((line - FILE_LINES) / NUMBERS_OF_INVOICE);
    const members = invoices.get(invoice) ?? new Set();
    if (members.has(line)) doubled++;
    members.add(line);
    invoices.set(invoice, members);
  }
  const newest = Math.max(-1, ...invoices.keys());
  let lost = newest + 1 - invoices.size;
  for (const [invoice, members] of invoices) lost += Math.max(...members) - (FILE_LINES + invoice * NUMBERS_OF_INVOICE) + 1 - members.size;
  return { what: 'orders: lines of the shop, numbered without gaps', expected: lines.length - doubled + lost, found: lines.length, lost, doubled, aborted: 0 };
}

/** What a client was told of its records, by their numbers. */
export interface Told {
  readonly committed: ReadonlySet<number>;
  readonly aborted: ReadonlySet<number>;
  /** Of these it was told nothing; nobody commits them. */
  readonly abandoned: ReadonlySet<number>;
}

/** Records that a client committed are seen, and those that it took back or left are not. Of those at `torn` places nothing is expected: the log has no end of their transactions. */
export function ofOtherClient(told: Told, { bad, badPlaces }: Input, torn: ReadonlyMap<string, number>): readonly Finding[] {
  const undecided = new Set(torn.values());
  const seen = bad.filter((_, index) => !torn.has(badPlaces[index]!));
  const leaked = seen.filter((number) => told.aborted.has(number) || told.abandoned.has(number)).length;
  const committed = [...told.committed].filter((number) => !undecided.has(number));
  return [
    compared('orders: committed records of another client', committed.map(String), seen.filter((number) => told.committed.has(number)).map(String)),
    { what: 'orders: aborted records of another client', expected: 0, found: leaked, lost: 0, doubled: 0, aborted: leaked },
  ];
}

/** Dead letters of the auditor, as `pipeline partition/offset`. */
export function deadLettersOf(auditor: Auditor, topic: string): readonly string[] {
  return [...auditor.of(topic).values()].map(({ headers }) => `${headers['pipeline']} ${headers['partition']}/${headers['offset']}`);
}

/** A table for a terminal. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = [['what', 'expected', 'found', 'lost', 'doubled', 'aborted'], ...findings.map(({ what, expected, found, lost, doubled, aborted }) => [what, ...[expected, found, lost, doubled, aborted].map((count) => count.toLocaleString('en'))])];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}
