import type { SourceCommit } from '@weir/connector-api';
import { WeirError } from '@weir/model';

const LONGEST_GROUP = 200;
/** The broker's `offset.metadata.max.bytes`, unless it was changed. */
const MOST_METADATA_BYTES = 4_096;

/** Throws LOG_COMMIT_INVALID. */
export function checkCommit({ group, offsets, metadata }: SourceCommit): void {
  checkGroup(group);
  if (Buffer.byteLength(metadata) > MOST_METADATA_BYTES) {
    throw new WeirError('LOG_COMMIT_INVALID', `What ${group} says with its offsets is longer than ${MOST_METADATA_BYTES} bytes.`, { remedy: 'Say an id, and keep the rest elsewhere.' });
  }
  for (const { topic, partition, offset } of offsets) {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new WeirError('LOG_COMMIT_INVALID', `${offset} is no offset of ${topic}/${partition}.`, { remedy: 'Commit whole numbers from 0 on.' });
  }
}

/** Throws LOG_COMMIT_INVALID. */
export function checkGroup(group: string): void {
  if (group.length >= 1 && group.length <= LONGEST_GROUP) return;
  throw new WeirError('LOG_COMMIT_INVALID', `A group cannot have the name '${group.slice(0, 40)}'.`, { remedy: `Use 1 to ${LONGEST_GROUP} characters.` });
}
