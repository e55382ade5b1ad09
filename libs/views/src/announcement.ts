import { tableColumns } from './table.ts';
import type { View } from './view.ts';

/** Values of a row, in the order of `tableColumns`. */
export type TableValues = readonly unknown[];

/** What a writer of a view's speed table announces. */
export interface Announcement {
  readonly view: View;
  /** Rows that are decided and on their way to the table; undefined when the table has others than before, whichever they are. */
  readonly rows: readonly TableValues[] | undefined;
}

/** Postgres carries no longer announcements (NOTIFY: less than 8,000 bytes). */
const MOST_BYTES = 7_900;

/** The text that announces rows of a view; undefined when it would be too long. */
export function announcementOf(view: View, rows: readonly TableValues[]): string | undefined {
  const text = JSON.stringify({ view: view.name, columns: columnsOf(view), rows } satisfies Told, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
  return new TextEncoder().encode(text).length > MOST_BYTES ? undefined : text;
}

/**
 * Reads an announcement of one of these views; undefined when it is none. A text that tells no rows is the name of a view; rows of other
 * columns than its own, as another version of the program may write them, say only that there are some.
 */
export function readAnnouncement(text: string, views: readonly View[]): Announcement | undefined {
  const { view: name, columns, rows } = text.startsWith('{') ? told(text) : { view: text };
  const view = views.find((each) => each.name === name);
  return view === undefined ? undefined : { view, rows: columns === columnsOf(view) ? rows : undefined };
}

/** What `announcementOf` puts into a text. */
interface Told {
  readonly view?: string;
  readonly columns?: string;
  readonly rows?: readonly TableValues[];
}

function told(text: string): Told {
  try {
    return JSON.parse(text) as Told;
  } catch {
    return {};
  }
}

/** Names and types, as one word. */
function columnsOf(view: View): string {
  return tableColumns(view).map(({ name, type }) => `${name} ${type}`).join(', ');
}
