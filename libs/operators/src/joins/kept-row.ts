import type { Batch, BinaryReader, BinaryWriter, Timestamp } from '@weir/model';
import { rowCopy } from '../rows/row-copy.ts';

/** A row that a join keeps: a copy, with all that its place among others depends on. */
export interface KeptRow {
  readonly timestamp: Timestamp;
  /** Of the log; -1 for a row that is no row of a log. */
  readonly partition: number;
  readonly offset: number;
  /** Its place among all rows that the instance keeps; numbered anew at a snapshot, in the same order. */
  arrival: number;
  readonly row: unknown;
  /** How many rows of the other input it has met. */
  matches: number;
}

/** A copy of one row of a batch. */
export function keptRow(batch: Batch, position: number, arrival: number): KeptRow {
  const { origin } = batch;
  return {
    timestamp: batch.timestamps[position]!,
    partition: origin?.partition ?? -1,
    offset: origin?.offsets[position] ?? 0,
    arrival,
    row: rowCopy(batch, position),
    matches: 0,
  };
}

/** The order in which a join takes rows of one input that it holds: (timestamp, partition, offset, arrival). */
export function compareKept(a: KeptRow, b: KeptRow): number {
  return a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset || a.arrival - b.arrival;
}

/** Writes what `readKept` reads. */
export function writeKept(kept: KeptRow, writer: BinaryWriter): void {
  writer.float64(kept.timestamp);
  writer.int32(kept.partition);
  writer.float64(kept.offset);
  writer.int32(kept.arrival);
  writer.int32(kept.matches);
  writer.json(kept.row);
}

/** Reads what `writeKept` wrote. */
export function readKept(reader: BinaryReader): KeptRow {
  return {
    timestamp: reader.float64(),
    partition: reader.int32(),
    offset: reader.float64(),
    arrival: reader.int32(),
    matches: reader.int32(),
    row: reader.json(),
  };
}

/** Numbers rows 0, 1, 2, … in the order of their arrival, so that equal states are equal bytes; answers the next number. O(n log n). */
export function renumber(rows: readonly KeptRow[]): number {
  const inOrder = [...rows].sort((a, b) => a.arrival - b.arrival);
  for (const [place, kept] of inOrder.entries()) kept.arrival = place;
  return inOrder.length;
}
