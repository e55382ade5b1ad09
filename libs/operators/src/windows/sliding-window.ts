import type { Batch, KeyTable, StateReader, StateWriter, Timestamp } from '@weir/model';

/**
 * One window over panes [start, end) that slides: what it knows of the window before saves work for the next one. It is derived from
 * the panes, which stay the truth; a snapshot holds only the bounds and the order of the keys.
 */
export interface SlidingWindow {
  /** True when what it holds are the panes of this window. */
  is(start: Timestamp, end: Timestamp): boolean;
  holds(pane: Timestamp): boolean;
  /** True when a row at this time may belong to a pane that is in. */
  mayHold(timestamp: Timestamp): boolean;
  /** Slides to [start, end); `panes` are the starts of all panes with rows, ascending. Forward is cheap; anything else begins anew. */
  moveTo(start: Timestamp, end: Timestamp, panes: readonly Timestamp[]): void;
  /** Every key with a pane that is in; its slot is valid during the visit, and only read. */
  forEach(visit: (keySlot: number, slot: number) => void): void;
  /** The same slot for one key, valid until the next call; -1 when it has no pane that is in. */
  find(keySlot: number): number;
  /** A key got a pane that is in, still empty. */
  paneOpened(keySlot: number): void;
  /** Tells of the rows of a batch, some of which may belong to panes that are in; `paneOf[i]` is the pane of row i. Their panes have them already. */
  add(batch: Batch, keySlots: Int32Array, paneOf: Float64Array): void;
  /** Takes out a pane that is about to be dropped; those before it were dropped already. */
  forget(pane: Timestamp): void;
  write(writer: StateWriter, keys: KeyTable): void;
  /** Begins from the panes, which are there already. */
  read(reader: StateReader, keys: KeyTable, panes: readonly Timestamp[]): void;
}
