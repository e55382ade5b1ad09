import { ByteCursor } from './byte-cursor.ts';
import type { ApiVersion, Connection } from './connection.ts';
import { brokerError } from './errors.ts';
import { RequestWriter } from './request-writer.ts';

const API_VERSIONS: ApiVersion = { key: 18, version: 3, flexible: true, plainResponse: true };

/** The newest version of each request that a broker knows, by its number. Throws KAFKA_BROKER_TOO_OLD where it does not know how to say so. */
export async function newestVersions(connection: Connection, milliseconds: number): Promise<ReadonlyMap<number, number>> {
  const body = new RequestWriter().compactText('weir').compactText('1').noTags().toBytes();
  const response = await connection.request(API_VERSIONS, [body], milliseconds);
  try {
    const cursor = new ByteCursor(response.bytes);
    // An older broker answers in an older form, of which this much is the same.
    const error = cursor.int16();
    if (error !== 0) throw brokerError(error, `asking ${connection.address} for its versions`);
    const newest = new Map<number, number>();
    for (let left = cursor.compactLength(); left > 0; left--) {
      const key = cursor.int16();
      cursor.int16();
      newest.set(key, cursor.int16());
      cursor.skipTags();
    }
    return newest;
  } finally {
    response.release();
  }
}
