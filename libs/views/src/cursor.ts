import type { Timestamp } from '@weir/model';
import { WeirError } from '@weir/model';

/** A place in the order of a view's rows: (window end, key, window start). */
export interface Cursor {
  readonly end: Timestamp;
  readonly key: string;
  readonly start: Timestamp;
}

const FORM = /^(-?\d{1,16})\.(-?\d{1,16})\.([^]*)$/;

/** A cursor as text for a client to hand back; not URL-encoded. */
export function encodeCursor(cursor: Cursor): string {
  return `${cursor.end}.${cursor.start}.${cursor.key}`;
}

/** Reads what `encodeCursor` wrote. Throws VIEW_CURSOR. */
export function decodeCursor(text: string): Cursor {
  const parts = FORM.exec(text);
  if (parts === null) {
    throw new WeirError('VIEW_CURSOR', 'The cursor is not one that a view has given out.', {
      remedy: 'Pass the cursor of an answer on unchanged, or none to begin at the first row.',
    });
  }
  return { end: Number(parts[1]), start: Number(parts[2]), key: parts[3]! };
}
