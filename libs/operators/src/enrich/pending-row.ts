import type { RequestAnswer, StateReader, StateWriter, Timestamp } from '@weir/model';
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
  answer: RequestAnswer | undefined;
}

const SECTION = 'pending';
/** Odd, and near the golden section of the number of groups: rows spread evenly however instances share the groups. */
const GROUP_STRIDE = 79;

const NONE = 0;
const ANSWERED = 1;
const FAILED = 2;

/** Rows have no key, so they go round the key groups: each is taken by one instance, however many there will be. */
export function writePending({ id, timestamp, change, request, row, answer }: PendingRow, writer: StateWriter): void {
  const section = writer.keyed(SECTION, (id * GROUP_STRIDE) % KEY_GROUPS);
  section.float64(id);
  section.float64(timestamp);
  section.uint8(change);
  section.text(request);
  section.json(row);
  section.uint8(answer === undefined ? NONE : answer.failed ? FAILED : ANSWERED);
  if (answer !== undefined) section.text(answer.json);
}

/** In the order of ids; rows of several instances that have the same, in the order of the instances. */
export function readPending(reader: StateReader): readonly PendingRow[] {
  const rows: PendingRow[] = [];
  for (const section of reader.keyed(SECTION)) {
    while (section.remaining > 0) {
      const [id, timestamp, change, request, row] = [section.float64(), section.float64(), section.uint8(), section.text(), section.json()];
      const state = section.uint8();
      rows.push({ id, timestamp, change, request, row, answer: state === NONE ? undefined : { id, failed: state === FAILED, json: section.text() } });
    }
  }
  return rows.sort((a, b) => a.id - b.id);
}
