import type { Batch, BinaryReader, BinaryWriter, RequestAnswer, StateReader, StateWriter, Timestamp } from '@weir/model';
import { KEY_GROUPS } from '@weir/model';

/** A row that waits: for its answer, or for those before it. */
export interface PendingRow {
  readonly id: number;
  readonly timestamp: Timestamp;
  /** A code of `Batch.changes`. */
  readonly change: number;
  /** As JSON. */
  readonly request: string;
  /** A copy. */
  readonly row: unknown;
  /** Where it lies in the log; undefined for a row that is no record. */
  readonly place: PlaceInLog | undefined;
  answer: RequestAnswer | undefined;
}

/** Where a record lies in the log. */
export interface PlaceInLog {
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  readonly logTimestamp: Timestamp;
}

/** The place of the row at a position. */
export function placeAt({ origin }: Batch, position: number): PlaceInLog | undefined {
  if (origin === undefined) return undefined;
  const { source, partition, offsets, logTimestamps } = origin;
  return { source, partition, offset: offsets[position]!, logTimestamp: logTimestamps[position]! };
}

const SECTION = 'pending';
/** Odd, and near the golden section of the number of groups: rows spread evenly however instances share the groups. */
const GROUP_STRIDE = 79;

const NONE = 0;
const ANSWERED = 1;
const FAILED = 2;

/** Rows have no key, so they go round the key groups: each is taken by one instance, however many there will be. */
export function writePending({ id, timestamp, change, request, row, place, answer }: PendingRow, writer: StateWriter): void {
  const section = writer.keyed(SECTION, (id * GROUP_STRIDE) % KEY_GROUPS);
  section.float64(id);
  section.float64(timestamp);
  section.uint8(change);
  section.text(request);
  section.json(row);
  writePlace(place, section);
  section.uint8(answer === undefined ? NONE : answer.failed ? FAILED : ANSWERED);
  if (answer !== undefined) section.text(answer.json);
}

/** In the order of ids; rows of several instances that have the same, in the order of the instances. */
export function readPending(reader: StateReader): readonly PendingRow[] {
  const rows: PendingRow[] = [];
  for (const section of reader.keyed(SECTION)) {
    while (section.remaining > 0) {
      const [id, timestamp, change, request, row] = [section.float64(), section.float64(), section.uint8(), section.text(), section.json()];
      const place = readPlace(section);
      const state = section.uint8();
      rows.push({ id, timestamp, change, request, row, place, answer: state === NONE ? undefined : { id, failed: state === FAILED, json: section.text() } });
    }
  }
  return rows.sort((a, b) => a.id - b.id);
}

function writePlace(place: PlaceInLog | undefined, section: BinaryWriter): void {
  section.uint8(place === undefined ? 0 : 1);
  if (place === undefined) return;
  section.text(place.source);
  section.int32(place.partition);
  section.float64(place.offset);
  section.float64(place.logTimestamp);
}

function readPlace(section: BinaryReader): PlaceInLog | undefined {
  if (section.uint8() === 0) return undefined;
  return { source: section.text(), partition: section.int32(), offset: section.float64(), logTimestamp: section.float64() };
}
