/**
 * Interned strings of one field: each distinct string has one id, dense from 0, for the life of this object.
 * Bounded by its owner: when it is full the owner starts a new Dictionary, so whoever caches by id compares the object first.
 */
export interface Dictionary {
  readonly size: number;
  /** The string with this id; id must be in [0, size). O(1). */
  text(id: number): string;
}

/** A string column: `ids[position]` indexes the dictionary; NULL_ID stands for null. */
export interface SymbolColumn {
  readonly ids: Int32Array;
  readonly dictionary: Dictionary;
}

export const NULL_ID = -1;
