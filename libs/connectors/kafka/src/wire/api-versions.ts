import { WeirError } from '@weir/model';
import { ByteCursor } from './byte-cursor.ts';
import type { ApiVersion, Connection } from './connection.ts';
import { brokerError, tooOld } from './errors.ts';
import { RequestWriter } from './request-writer.ts';

const API_VERSIONS: ApiVersion = { key: 18, version: 3, flexible: true, plainResponse: true };

/** Every request that the connector sends, by number and version: all of them are in Apache Kafka 3.5, and in 4.x still. */
const NEEDED: readonly { readonly name: string; readonly key: number; readonly version: number }[] = [
  { name: 'Produce', key: 0, version: 9 },
  { name: 'Fetch', key: 1, version: 15 },
  { name: 'ListOffsets', key: 2, version: 7 },
  { name: 'Metadata', key: 3, version: 12 },
  { name: 'OffsetFetch', key: 9, version: 8 },
  { name: 'FindCoordinator', key: 10, version: 4 },
  { name: 'CreateTopics', key: 19, version: 7 },
  { name: 'InitProducerId', key: 22, version: 4 },
  { name: 'OffsetForLeaderEpoch', key: 23, version: 4 },
  { name: 'AddPartitionsToTxn', key: 24, version: 3 },
  { name: 'AddOffsetsToTxn', key: 25, version: 3 },
  { name: 'EndTxn', key: 26, version: 3 },
  { name: 'WriteTxnMarkers', key: 27, version: 1 },
  { name: 'TxnOffsetCommit', key: 28, version: 3 },
  { name: 'DescribeProducers', key: 61, version: 0 },
  { name: 'DescribeTransactions', key: 65, version: 0 },
];

/** Throws KAFKA_BROKER_TOO_OLD, or KAFKA_BROKER_TOO_NEW, when a broker does not know a request as it will be sent: one that does not would hang up on it without a word. */
export async function checkVersions(connection: Connection, milliseconds: number): Promise<void> {
  const known = await knownVersions(connection, milliseconds);
  for (const { name, key, version } of NEEDED) {
    const { oldest, newest } = known.get(key) ?? { oldest: -1, newest: -1 };
    if (newest < version) throw tooOld(`The broker ${connection.address} speaks ${newest < 0 ? `no ${name}` : `${name} up to version ${newest}`}; version ${version} is needed.`);
    if (oldest > version) throw tooNew(`The broker ${connection.address} speaks ${name} from version ${oldest} on; version ${version} is needed.`);
  }
}

/** The versions of each request that a broker knows, by its number. Throws KAFKA_BROKER_TOO_OLD where it does not know how to say so. */
async function knownVersions(connection: Connection, milliseconds: number): Promise<ReadonlyMap<number, { readonly oldest: number; readonly newest: number }>> {
  const body = new RequestWriter().compactText('weir').compactText('1').noTags().toBytes();
  const response = await connection.request(API_VERSIONS, [body], milliseconds);
  try {
    const cursor = new ByteCursor(response.bytes);
    // An older broker answers in an older form, of which this much is the same.
    const error = cursor.int16();
    if (error !== 0) throw brokerError(error, `asking ${connection.address} for its versions`);
    const versions = new Map<number, { readonly oldest: number; readonly newest: number }>();
    for (let left = cursor.compactLength(); left > 0; left--) {
      versions.set(cursor.int16(), { oldest: cursor.int16(), newest: cursor.int16() });
      cursor.skipTags();
    }
    return versions;
  } finally {
    response.release();
  }
}

function tooNew(what: string): WeirError {
  return new WeirError('KAFKA_BROKER_TOO_NEW', what, { remedy: 'Use a newer Weir, or an older Apache Kafka, from 3.5 on.' });
}
