import type { Fetch, LogReader } from '@weir/connector-api';
import { WeirError, invariant } from '@weir/model';
import { leaderOf, missingPartition } from './cluster.ts';
import type { Cluster, TopicMetadata } from './cluster.ts';
import { RecordWalker } from '@weir/record-batch';
import { Lane, SharedResponse } from './lane.ts';
import { corrupt, visibleBatches } from './visible-batches.ts';
import { EARLIEST, endOfEpoch, offsetAt, stableOffset } from './stable-offset.ts';
import type { Connection } from './wire/connection.ts';
import { brokerError } from './wire/errors.ts';
import { FETCH, readFetch, writeFetch } from './wire/fetch.ts';
import type { PartitionFetched } from './wire/fetch.ts';
import { RequestWriter } from './wire/request-writer.ts';
import { ResponsePool } from './wire/response-pool.ts';

export interface ReaderOptions {
  /** Bytes that are fetched of one partition at once, about; default 1 MiB. */
  readonly fetchBytes?: number;
  /** Verify the checksum of each batch; default true. */
  readonly checksums?: boolean;
  /** How old what is known of the topic may become before it is asked for anew, in milliseconds; default 5 minutes. */
  readonly metadataMilliseconds?: number;
}

const DEFAULT_FETCH_BYTES = 1 << 20;
const MOST_FETCH_BYTES = 32 << 20;
const DEFAULT_METADATA_MILLISECONDS = 300_000;
const EMPTY = new Uint8Array(0);

/**
 * Reads committed records of a topic. While what was handed over is being processed, the next bytes of the same partition are
 * fetched, together with all other partitions of that broker of which more is known to be there: one fetch for a partition at a time, and
 * none while its last one waits to be read, so a slow reader is not asked to hold more.
 */
export class KafkaReader implements LogReader {
  readonly topic: string;
  readonly #cluster: Cluster;
  readonly #fetchBytes: number;
  readonly #checksums: boolean;
  readonly #lanes: readonly Lane[];
  readonly #connections = new Map<number, Promise<Connection>>();
  readonly #pool = new ResponsePool();
  readonly #writer = new RequestWriter();
  readonly #walker = new RecordWalker();
  #metadata: TopicMetadata;
  /** What was handed over last: valid until the next read. */
  #handedOver: SharedResponse | undefined;
  #closed = false;
  /** Another leader may have been chosen: who leads is asked before the next attempt. */
  #isStale = false;
  readonly #metadataMilliseconds: number;
  readonly #onClosed: (reader: KafkaReader) => void;
  /** When what is known of the topic was asked for. */
  #knownAt = performance.now();

  constructor(cluster: Cluster, metadata: TopicMetadata, { fetchBytes = DEFAULT_FETCH_BYTES, checksums = true, metadataMilliseconds = DEFAULT_METADATA_MILLISECONDS }: ReaderOptions, onClosed: (reader: KafkaReader) => void) {
    this.topic = metadata.topic;
    this.#cluster = cluster;
    this.#metadata = metadata;
    this.#fetchBytes = fetchBytes;
    this.#checksums = checksums;
    this.#metadataMilliseconds = metadataMilliseconds;
    this.#onClosed = onClosed;
    this.#lanes = metadata.leaders.map((_, partition) => new Lane(partition));
  }

  get partitions(): number {
    return this.#lanes.length;
  }

  get topicId(): string {
    return this.#metadata.id;
  }

  async read(partition: number, offset: number, maxBytes: number, retryMilliseconds = this.#cluster.retryMilliseconds): Promise<Fetch> {
    const lane = this.#lane(partition);
    this.#handedOver?.letGo();
    this.#handedOver = undefined;
    // An answer that was asked for before this read may not hold what has been appended since.
    let isFresh = false;
    return this.#asked(async () => {
      for (;;) {
        const taken = lane.take(offset, maxBytes);
        if (taken !== undefined) return this.#handOver(lane, taken);
        if (isFresh) return { bytes: EMPTY, highWatermark: lane.highWatermark, logStart: lane.logStart };
        if (lane.fetching === undefined) {
          lane.next = offset;
          isFresh = true;
          this.#fetch(lane);
        } else if (lane.fetching.offset !== offset) {
          await lane.fetching.arrived;
          continue;
        }
        await lane.fetching!.arrived;
        if (lane.failure?.offset === offset) {
          const { error } = lane.failure;
          lane.failure = undefined;
          isFresh = false;
          if (error instanceof WeirError && error.code === 'LOG_OFFSET_OUT_OF_RANGE') return this.#nothingAt(lane, offset, retryMilliseconds);
          throw error;
        }
      }
    }, retryMilliseconds);
  }

  /** One fetch for each broker that leads any of them, which it answers when it has something; one that is still under way goes on. */
  async wait(partitions: readonly number[], milliseconds: number): Promise<readonly number[]> {
    const lanes = partitions.map((partition) => this.#lane(partition));
    const ready = (): readonly number[] => lanes.filter((lane) => lane.next < 0 || lane.hasParked || lane.failure !== undefined).map(({ partition }) => partition);
    if (milliseconds === 0 || lanes.length === 0 || ready().length > 0) return ready();
    const idle = Map.groupBy(lanes.filter(({ fetching }) => fetching === undefined), ({ partition }) => this.#metadata.leaders[partition]!.node);
    for (const led of idle.values()) this.#fetchTogether(led, milliseconds);
    await Promise.race(lanes.map(({ fetching }) => fetching!.arrived));
    return ready();
  }

  /** Where the visible log begins and ends. */
  async #ends(partition: number, retryMilliseconds: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    const logStart = await this.#asked(() => offsetAt(this.#cluster, this.#metadata, partition, EARLIEST), retryMilliseconds);
    return { logStart: logStart!, highWatermark: await this.#asked(() => stableOffset(this.#cluster, this.#metadata, partition), retryMilliseconds) };
  }

  /** There is nothing at an offset: whether because it is not there yet or no more. Throws LOG_OFFSET_OUT_OF_RANGE or LOG_TRUNCATED. */
  async #nothingAt(lane: Lane, offset: number, retryMilliseconds: number): Promise<Fetch> {
    const { partition } = lane;
    const { logStart, highWatermark } = await this.#ends(partition, retryMilliseconds);
    if (offset > highWatermark && lane.epochBefore(offset) >= 0) throw truncated(this.topic, partition, highWatermark, offset);
    if (offset >= highWatermark) return { bytes: EMPTY, highWatermark, logStart };
    if (offset >= logStart) throw truncated(this.topic, partition, logStart, offset);
    throw new WeirError('LOG_OFFSET_OUT_OF_RANGE', `Offset ${offset} of ${this.topic}/${partition} is no longer in the log, which begins at ${logStart}.`, { remedy: 'Resume from there, or restore the log.' });
  }

  async verify(partition: number, offset: number, leaderEpoch: number): Promise<void> {
    this.#lane(partition);
    const end = await this.#asked(() => endOfEpoch(this.#cluster, this.#metadata, partition, leaderEpoch));
    if (end !== undefined && end >= offset) return;
    // Brokers that know of no leader of this epoch are not those that were read, or are older than what was read.
    throw truncated(this.topic, partition, end ?? (await this.offsets(partition)).logStart, offset);
  }

  async offsets(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    this.#lane(partition);
    return this.#ends(partition, this.#cluster.retryMilliseconds);
  }

  /**
   * The broker also counts the markers of transactions, which bear the time of their commit, and what was aborted; so its answer is where
   * the search among the visible records begins.
   */
  async offsetFor(partition: number, timestamp: number): Promise<number> {
    this.#lane(partition);
    const time = BigInt(Math.ceil(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, timestamp))));
    const found = await this.#asked(() => offsetAt(this.#cluster, this.#metadata, partition, time));
    if (found === undefined) return (await this.offsets(partition)).highWatermark;
    for (let at = found; ; ) {
      const { bytes, highWatermark } = await this.read(partition, at, this.#fetchBytes);
      if (bytes.length === 0) return highWatermark;
      this.#walker.walk(bytes, at, Number.POSITIVE_INFINITY);
      for (let i = 0; i < this.#walker.count; i++) if (this.#walker.timestamps[i]! >= timestamp) return this.#walker.offsets[i]!;
      at = this.#lane(partition).next;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#handedOver = undefined;
    for (const opened of await Promise.allSettled(this.#connections.values())) if (opened.status === 'fulfilled') opened.value.close();
    this.#onClosed(this);
  }

  #lane(partition: number): Lane {
    const lane = this.#lanes[partition];
    this.#checkOpen();
    if (lane !== undefined) return lane;
    throw missingPartition(this.topic, partition, this.partitions);
  }

  #checkOpen(): void {
    if (this.#closed) throw new WeirError('LOG_CLOSED', `The reader of ${this.topic} was closed.`, { remedy: 'Open another one.' });
  }

  #handOver(lane: Lane, { bytes, finished }: { readonly bytes: Uint8Array; readonly finished: SharedResponse | undefined }): Fetch {
    this.#handedOver = finished;
    if (finished !== undefined && lane.isBehind && lane.fetching === undefined) this.#fetch(lane);
    return { bytes, highWatermark: lane.highWatermark, logStart: lane.logStart };
  }

  /** Fetches for one partition, and for all others of its leader that have nothing parked and are behind. */
  #fetch(first: Lane): void {
    const { node } = this.#metadata.leaders[first.partition]!;
    const others = this.#lanes.filter((lane) => lane !== first && lane.isBehind && !lane.hasParked && lane.fetching === undefined && lane.failure === undefined && this.#metadata.leaders[lane.partition]!.node === node);
    this.#fetchTogether([first, ...others], 0);
  }

  /** One fetch for partitions of one leader, which waits so long for the first byte. */
  #fetchTogether(lanes: readonly Lane[], waitMilliseconds: number): void {
    const offsets = lanes.map((lane) => lane.next);
    const arrived = this.#exchange(lanes, offsets, waitMilliseconds).catch((error: unknown) => {
      lanes.forEach((lane, index) => this.#failed(lane, offsets[index]!, error));
    });
    lanes.forEach((lane, index) => {
      // Whatever an earlier one failed with, this one finds out anew.
      lane.failure = undefined;
      lane.fetching = { offset: offsets[index]!, arrived: arrived.then(() => void (lane.fetching = undefined)) };
    });
  }

  async #exchange(lanes: readonly Lane[], offsets: readonly number[], waitMilliseconds: number): Promise<void> {
    const connection = await this.#connection(leaderOf(this.#metadata, lanes[0]!.partition).node);
    const partitions = lanes.map(({ partition }, index) => ({ partition, offset: offsets[index]!, leaderEpoch: this.#metadata.leaders[partition]!.epoch, lastEpoch: lanes[index]!.epochBefore(offsets[index]!), maxBytes: this.#fetchBytes }));
    const body = writeFetch(this.#writer, { topicId: this.#metadata.id, partitions, waitMilliseconds, maxBytes: MOST_FETCH_BYTES });
    const response = await connection.request(FETCH, [body], this.#cluster.requestMilliseconds + waitMilliseconds);
    const shared = new SharedResponse(() => response.release());
    shared.hold();
    try {
      const fetched = readFetch(response.bytes);
      if (fetched.error !== 0) throw brokerError(fetched.error, `reading ${this.topic}`);
      for (const part of fetched.partitions) {
        const index = lanes.findIndex(({ partition }) => partition === part.partition);
        invariant(index >= 0, 'a broker answers for the partitions that it was asked for');
        this.#arrive(lanes[index]!, part, offsets[index]!, index === 0, shared);
      }
    } finally {
      shared.letGo();
    }
  }

  #arrive(lane: Lane, part: PartitionFetched, offset: number, isFirst: boolean, response: SharedResponse): void {
    const place = `${this.topic}/${lane.partition}`;
    try {
      if (part.error !== 0) throw brokerError(part.error, `reading ${place} from offset ${offset}`);
      if (part.divergesAt !== undefined) throw truncated(this.topic, lane.partition, part.divergesAt, offset);
      const visible = visibleBatches(part.records, part.aborted, { checksums: this.#checksums, place });
      // Of the first partition a broker sends at least one batch, however large (KIP-74).
      if (isFirst && visible.end === undefined && part.records.length > 0) throw corrupt(place, offset, 'it says that it is longer than it is');
      if (visible.end !== undefined && visible.end <= offset) throw corrupt(place, offset, `it says that it ends at offset ${visible.end}`);
      lane.park(part, visible, offset, response);
    } catch (error) {
      this.#failed(lane, offset, error);
    }
  }

  /** Whoever comes upon it asks first who leads now. */
  #failed(lane: Lane, offset: number, error: unknown): void {
    lane.failure = { offset, error };
    this.#isStale ||= isRetryable(error);
  }

  /** Throws LOG_TOPIC_MISSING, LOG_TOPIC_REPLACED, or LOG_PARTITION_MISMATCH, as records of partitions that came later would be missed. */
  async #refresh(retryMilliseconds: number): Promise<void> {
    const [metadata] = await this.#cluster.metadata([this.topic], retryMilliseconds);
    const { id, leaders } = metadata!;
    if (id !== this.#metadata.id) {
      throw new WeirError('LOG_TOPIC_REPLACED', `The topic ${this.topic} was deleted and made anew.`, { remedy: 'Begin without the state of the old one, as its offsets mean nothing in the new one.' });
    }
    if (leaders.length !== this.partitions) {
      throw new WeirError('LOG_PARTITION_MISMATCH', `${this.topic} has ${leaders.length} partitions now, and had ${this.partitions}.`, { remedy: 'Begin anew with the partitions that it has, from a replay of the log.' });
    }
    // A broker that lags behind may still name the leader before.
    const known = this.#metadata.leaders;
    this.#metadata = { ...metadata!, leaders: leaders.map((leader, partition) => (leader.node >= 0 && leader.epoch < known[partition]!.epoch ? known[partition]! : leader)) };
    this.#isStale = false;
    this.#knownAt = performance.now();
  }

  /** The connection to a broker; a broken one is replaced. */
  async #connection(node: number): Promise<Connection> {
    const known = this.#connections.get(node);
    if (known !== undefined) {
      const connection = await known.catch(() => undefined);
      if (connection?.isOpen === true) return connection;
      const current = this.#connections.get(node);
      if (current !== undefined && current !== known) return current;
    }
    this.#checkOpen();
    const opened = this.#cluster.dedicated(node, this.#pool);
    this.#connections.set(node, opened);
    return opened;
  }

  /** Asks a leader, and who leads when it does no more. */
  async #asked<T>(ask: () => Promise<T>, retryMilliseconds = this.#cluster.retryMilliseconds): Promise<T> {
    const attempt = async (): Promise<T> => {
      this.#checkOpen();
      if (this.#isStale || performance.now() - this.#knownAt > this.#metadataMilliseconds) await this.#refresh(retryMilliseconds);
      try {
        return await ask();
      } catch (error) {
        this.#isStale ||= isRetryable(error);
        throw error;
      }
    };
    return this.#cluster.retrying(attempt, undefined, retryMilliseconds);
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof WeirError && error.retryable;
}

function truncated(topic: string, partition: number, from: number, to: number): WeirError {
  return new WeirError('LOG_TRUNCATED', `The brokers have lost offsets ${from} to ${to} of ${topic}/${partition}, which were read, and may have others in their place.`, {
    remedy: `Restore the log, or begin anew from offset ${from}.`,
  });
}
