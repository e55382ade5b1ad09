/** The layout of a Kafka record batch, version 2 (KIP-98; org.apache.kafka.common.record.DefaultRecordBatch). Big-endian. */
export const BASE_OFFSET = 0;
export const BATCH_LENGTH = 8;
const LEADER_EPOCH = 12;
const MAGIC = 16;
export const CRC = 17;
export const ATTRIBUTES = 21;
const LAST_OFFSET_DELTA = 23;
const BASE_TIMESTAMP = 27;
const MAX_TIMESTAMP = 35;
export const PRODUCER_ID = 43;
export const PRODUCER_EPOCH = 51;
export const BASE_SEQUENCE = 53;
const RECORD_COUNT = 57;
/** Bytes in front of the batch length's reach: base offset and the length itself. */
export const LOG_OVERHEAD = 12;
/** Bytes before the first record. */
export const HEADER_BYTES = 61;
/** Where the checksummed part begins. */
export const CRC_FROM = 21;

export const CURRENT_MAGIC = 2;
export const COMPRESSION_MASK = 0x07;
const LOG_APPEND_TIME_BIT = 0x08;
export const TRANSACTIONAL_BIT = 0x10;
export const CONTROL_BIT = 0x20;

/** A 64-bit number as a double; exact within ±2^53. */
function readInt64(view: DataView, at: number): number {
  return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
}

export function writeInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value >>> 0);
}

/** What the header of the batch at `at` says; offsets and times are absolute. */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Bytes of the whole batch, its header included. */
  readonly bytes: number;
  /** Of the leader that took the batch; -1 when nobody said. Outside of the checksum. */
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compression: number;
  /** The broker's clock has overruled the records' own times: all of them have `maxTimestamp`. */
  readonly isLogAppendTime: boolean;
  readonly isTransactional: boolean;
  /** Holds a transaction's marker and no records of a user. */
  readonly isControl: boolean;
  /** Offset of the last record; inclusive. */
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 without idempotence; the two that follow, too. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly records: number;
}

/** Reads a header; the caller makes sure that HEADER_BYTES bytes are there. */
export function readHeader(view: DataView, at: number): BatchHeader {
  const baseOffset = readInt64(view, at + BASE_OFFSET);
  const attributes = view.getInt16(at + ATTRIBUTES);
  return {
    baseOffset,
    bytes: batchBytes(view, at),
    leaderEpoch: leaderEpochOf(view, at),
    magic: magicOf(view, at),
    crc: crcOf(view, at),
    compression: attributes & COMPRESSION_MASK,
    isLogAppendTime: (attributes & LOG_APPEND_TIME_BIT) !== 0,
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    lastOffset: baseOffset + view.getInt32(at + LAST_OFFSET_DELTA),
    baseTimestamp: readInt64(view, at + BASE_TIMESTAMP),
    maxTimestamp: readInt64(view, at + MAX_TIMESTAMP),
    producerId: readInt64(view, at + PRODUCER_ID),
    producerEpoch: view.getInt16(at + PRODUCER_EPOCH),
    baseSequence: view.getInt32(at + BASE_SEQUENCE),
    records: view.getInt32(at + RECORD_COUNT),
  };
}

/** Bytes of the whole batch at `at`. Like those that follow, for walks from batch to batch: no object is made. */
export function batchBytes(view: DataView, at: number): number {
  return LOG_OVERHEAD + view.getInt32(at + BATCH_LENGTH);
}

/** Offset of the last record of the batch at `at`; inclusive. */
export function lastOffsetOf(view: DataView, at: number): number {
  return readInt64(view, at + BASE_OFFSET) + view.getInt32(at + LAST_OFFSET_DELTA);
}

/** Of the leader that took the batch at `at`; -1 when nobody said. */
export function leaderEpochOf(view: DataView, at: number): number {
  return view.getInt32(at + LEADER_EPOCH);
}

/** Version of the format of the batch at `at`. */
export function magicOf(view: DataView, at: number): number {
  return view.getInt8(at + MAGIC);
}

/** What the checksum of the batch at `at` is said to be. */
export function crcOf(view: DataView, at: number): number {
  return view.getUint32(at + CRC);
}

/** Whether the records of the batch at `at` are compressed, in whichever way. */
export function isCompressed(view: DataView, at: number): boolean {
  return (view.getInt16(at + ATTRIBUTES) & COMPRESSION_MASK) !== 0;
}

/** Offset behind the last record of concatenated whole batches. */
export function endOffset(batches: Uint8Array): number {
  const view = viewOf(batches);
  let end = 0;
  for (let at = 0; at < batches.length; at += batchBytes(view, at)) end = lastOffsetOf(view, at) + 1;
  return end;
}

/** Gives a batch its place in a log. The base offset is not covered by the checksum, so nothing else changes. */
export function assignBaseOffset(batch: Uint8Array, offset: number): void {
  writeInt64(viewOf(batch), BASE_OFFSET, offset);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
