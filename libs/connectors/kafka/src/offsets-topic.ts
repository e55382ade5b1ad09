/** The topic in which Kafka keeps the offsets of groups. */
export const OFFSETS_TOPIC = '__consumer_offsets';

/** Which of its partitions holds those of a group: by the hash that Java has of its name. */
export function partitionOfGroup(group: string, partitions: number): number {
  let hash = 0;
  for (let at = 0; at < group.length; at++) hash = (Math.imul(31, hash) + group.charCodeAt(at)) | 0;
  // The least number has no counterpart.
  return (hash === -(2 ** 31) ? 0 : Math.abs(hash)) % partitions;
}
