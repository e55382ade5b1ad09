import type { Column } from './column.ts';

/** Where a cursor stands; shared by its accessors. */
export interface CursorPlace {
  position: number;
}

/**
 * One reused row object over columns. Its fields are own, enumerable accessors, so spreading, destructuring and JSON.stringify work
 * on it as on any object; a null field reads null.
 */
export function createCursor(columns: readonly Column[], place: CursorPlace): object {
  const cursor = {};
  for (const column of columns) {
    Object.defineProperty(cursor, column.field.name, { enumerable: true, get: accessor(column, place) });
  }
  return Object.preventExtensions(cursor);
}

function accessor(column: Column, place: CursorPlace): () => unknown {
  switch (column.field.type) {
    case 'string':
      return () => column.text(place.position);
    case 'boolean':
      return () => column.truth(place.position);
    case 'json':
      return () => column.parsed(place.position);
    default:
      return column.field.nullable ? () => column.number(place.position) : () => column.numbers[place.position];
  }
}
