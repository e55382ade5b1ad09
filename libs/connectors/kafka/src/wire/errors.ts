import { WeirError } from '@weir/model';

/** What the connector does about an error code of a broker (org.apache.kafka.common.protocol.Errors). */
interface Meaning {
  readonly name: string;
  readonly code: string;
  readonly remedy: string;
  /** Asking again, perhaps elsewhere, may succeed. */
  readonly retryable?: boolean;
}

const ELSEWHERE = { code: 'KAFKA_UNAVAILABLE', remedy: 'Wait until the partition has a leader again; check the brokers.', retryable: true } as const;
const FENCED = { code: 'LOG_WRITER_FENCED', remedy: 'Another writer of the same name has taken over, or a transaction took longer than it may; this writer must end.' } as const;
const ABORTED = { code: 'KAFKA_TRANSACTION_ABORTED', remedy: 'Nothing of the transaction was written; write it again.', retryable: true } as const;
const GROUP_IN_USE = { code: 'KAFKA_GROUP_IN_USE', remedy: 'Consumers are members of this group; give the task a group of its own.' } as const;
const REFUSED_TOPIC = { code: 'LOG_TOPIC_INVALID', remedy: "Ask for what the cluster allows; see the broker's log." } as const;

export const NOT_ATTEMPTED = 55;

/** By the number of the protocol. */
const ERRORS: Readonly<Record<number, Meaning>> = {
  1: { name: 'OFFSET_OUT_OF_RANGE', code: 'LOG_OFFSET_OUT_OF_RANGE', remedy: 'Resume from an offset that is still there.' },
  2: { name: 'CORRUPT_MESSAGE', code: 'RECORD_BATCH_CORRUPT', remedy: 'The broker refused the bytes; check the network and the disk.' },
  // Where a topic is looked up by its name, that is said otherwise: a broker that is asked for a partition may not know yet what was just created.
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', ...ELSEWHERE },
  5: { name: 'LEADER_NOT_AVAILABLE', ...ELSEWHERE },
  6: { name: 'NOT_LEADER_OR_FOLLOWER', ...ELSEWHERE },
  7: { name: 'REQUEST_TIMED_OUT', ...ELSEWHERE },
  8: { name: 'BROKER_NOT_AVAILABLE', ...ELSEWHERE },
  9: { name: 'REPLICA_NOT_AVAILABLE', ...ELSEWHERE },
  10: { name: 'MESSAGE_TOO_LARGE', code: 'LOG_RECORD_TOO_LARGE', remedy: "Write smaller batches, or raise the topic's max.message.bytes." },
  12: { name: 'OFFSET_METADATA_TOO_LARGE', code: 'LOG_COMMIT_INVALID', remedy: 'Say an id with the offsets, and keep the rest elsewhere.' },
  13: { name: 'NETWORK_EXCEPTION', ...ELSEWHERE },
  14: { name: 'COORDINATOR_LOAD_IN_PROGRESS', ...ELSEWHERE },
  15: { name: 'COORDINATOR_NOT_AVAILABLE', ...ELSEWHERE },
  16: { name: 'NOT_COORDINATOR', ...ELSEWHERE },
  17: { name: 'INVALID_TOPIC_EXCEPTION', code: 'LOG_TOPIC_INVALID', remedy: 'Use letters, digits, dots, underscores and dashes.' },
  18: { name: 'RECORD_LIST_TOO_LARGE', code: 'LOG_RECORD_TOO_LARGE', remedy: "Write smaller batches, or raise the topic's segment.bytes." },
  19: { name: 'NOT_ENOUGH_REPLICAS', ...ELSEWHERE },
  20: { name: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', ...ELSEWHERE },
  22: { name: 'ILLEGAL_GENERATION', ...GROUP_IN_USE },
  25: { name: 'UNKNOWN_MEMBER_ID', ...GROUP_IN_USE },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED', code: 'KAFKA_NOT_AUTHORIZED', remedy: 'Give the user the rights to the topic.' },
  30: { name: 'GROUP_AUTHORIZATION_FAILED', code: 'KAFKA_NOT_AUTHORIZED', remedy: 'Give the user the rights to the group.' },
  31: { name: 'CLUSTER_AUTHORIZATION_FAILED', code: 'KAFKA_NOT_AUTHORIZED', remedy: 'Give the user the rights to the cluster.' },
  32: { name: 'INVALID_TIMESTAMP', code: 'KAFKA_TIMESTAMP', remedy: "Mend the clock that gave the records their times, or raise the topic's message.timestamp.after.max.ms." },
  33: { name: 'UNSUPPORTED_SASL_MECHANISM', code: 'KAFKA_CREDENTIALS', remedy: 'Choose a mechanism that the listener offers.' },
  34: { name: 'ILLEGAL_SASL_STATE', code: 'KAFKA_CREDENTIALS', remedy: 'Check whether the listener wants SASL.' },
  35: { name: 'UNSUPPORTED_VERSION', code: 'KAFKA_BROKER_TOO_OLD', remedy: 'Use Apache Kafka 3.5 or later.' },
  36: { name: 'TOPIC_ALREADY_EXISTS', code: 'KAFKA_TOPIC_EXISTS', remedy: 'Use the topic that is there.' },
  37: { name: 'INVALID_PARTITIONS', code: 'LOG_TOPIC_INVALID', remedy: 'Ask for at least one partition.' },
  38: { name: 'INVALID_REPLICATION_FACTOR', ...REFUSED_TOPIC },
  40: { name: 'INVALID_CONFIG', ...REFUSED_TOPIC },
  41: { name: 'NOT_CONTROLLER', ...ELSEWHERE },
  44: { name: 'POLICY_VIOLATION', ...REFUSED_TOPIC },
  45: { name: 'OUT_OF_ORDER_SEQUENCE_NUMBER', ...ABORTED },
  46: { name: 'DUPLICATE_SEQUENCE_NUMBER', ...ABORTED },
  47: { name: 'INVALID_PRODUCER_EPOCH', ...FENCED },
  48: { name: 'INVALID_TXN_STATE', ...ABORTED },
  49: { name: 'INVALID_PRODUCER_ID_MAPPING', ...FENCED },
  50: { name: 'INVALID_TRANSACTION_TIMEOUT', code: 'KAFKA_TRANSACTION_TIMEOUT', remedy: "Choose transactionMilliseconds up to the broker's transaction.max.timeout.ms (15 minutes unless it was changed)." },
  51: { name: 'CONCURRENT_TRANSACTIONS', code: 'KAFKA_UNAVAILABLE', remedy: 'The transaction before is still being ended; ask again.', retryable: true },
  52: { name: 'TRANSACTION_COORDINATOR_FENCED', code: 'KAFKA_UNAVAILABLE', remedy: 'Another coordinator has ended the transaction; look at it again.', retryable: true },
  53: { name: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', code: 'KAFKA_NOT_AUTHORIZED', remedy: 'Give the user the rights to the transactional id.' },
  56: { name: 'KAFKA_STORAGE_ERROR', ...ELSEWHERE },
  58: { name: 'SASL_AUTHENTICATION_FAILED', code: 'KAFKA_CREDENTIALS', remedy: 'Check the user name and the password.' },
  59: { name: 'UNKNOWN_PRODUCER_ID', ...ABORTED },
  72: { name: 'LISTENER_NOT_FOUND', ...ELSEWHERE },
  74: { name: 'FENCED_LEADER_EPOCH', ...ELSEWHERE },
  75: { name: 'UNKNOWN_LEADER_EPOCH', ...ELSEWHERE },
  76: { name: 'UNSUPPORTED_COMPRESSION_TYPE', code: 'RECORD_BATCH_COMPRESSION', remedy: 'Use gzip, snappy, lz4 or zstd.' },
  78: { name: 'OFFSET_NOT_AVAILABLE', ...ELSEWHERE },
  87: { name: 'INVALID_RECORD', code: 'RECORD_BATCH_CORRUPT', remedy: 'The topic refuses such records; a compacted one wants keys.' },
  88: { name: 'UNSTABLE_OFFSET_COMMIT', code: 'LOG_OFFSETS_UNSTABLE', remedy: 'The transaction that holds them is still being ended; ask again.', retryable: true },
  89: { name: 'THROTTLING_QUOTA_EXCEEDED', ...ELSEWHERE },
  90: { name: 'PRODUCER_FENCED', ...FENCED },
  100: { name: 'UNKNOWN_TOPIC_ID', ...ELSEWHERE },
  103: { name: 'INCONSISTENT_TOPIC_ID', ...ELSEWHERE },
  120: { name: 'TRANSACTION_ABORTABLE', ...ABORTED },
};

/** What a broker answered. */
class BrokerRefusal extends WeirError {
  constructor({ name, code, remedy, retryable = false }: Meaning, doing: string) {
    super(code, `The broker answered ${name} when ${doing}.`, { remedy, retryable });
  }
}

/** The error for a code that a broker answered while `doing` (a clause such as "reading orders/0"). */
export function brokerError(brokerCode: number, doing: string): WeirError {
  const known = ERRORS[brokerCode];
  if (known === undefined) {
    return new WeirError('KAFKA_REFUSED', `The broker answered error ${brokerCode} when ${doing}.`, { remedy: "Look the number up in Kafka's list of error codes, and check the broker's log." });
  }
  return new BrokerRefusal(known, doing);
}

/** The connection to a broker could not be made, or broke. */
export function connectionError(address: string, why: string, cause?: unknown): WeirError {
  return new WeirError('KAFKA_CONNECTION', `The connection to ${address} ${why}.`, {
    remedy: 'Check the address, that the broker runs, and whether the listener wants TLS or a user.',
    retryable: true,
    cause,
  });
}

/** A response does not have the fields that it must have. */
export function malformed(cause?: unknown): WeirError {
  return new WeirError('KAFKA_CONNECTION', 'A broker sent an answer that cannot be read.', { remedy: 'Check that the address is that of a broker, and what lies between.', retryable: true, cause });
}

/** A broker is from before what is needed. */
export function tooOld(what: string): WeirError {
  return new WeirError('KAFKA_BROKER_TOO_OLD', what, { remedy: 'Use Apache Kafka 3.5 or later.' });
}

/** The two sides do not agree on TLS. Only what a broker that is just starting may do, too, is retryable. */
export function tlsError(address: string, why: string, remedy: string, { retryable = false, cause }: { readonly retryable?: boolean; readonly cause?: unknown } = {}): WeirError {
  return new WeirError('KAFKA_TLS', `The connection to ${address} ${why}.`, { remedy, retryable, cause });
}

/** What OpenSSL calls a certificate that it does not believe, as Node gives it on. */
const UNTRUSTED = /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH$|INVALID_CA$|PATH_LENGTH_EXCEEDED$|ERROR_IN_CERT_)/;

/** What became of a socket, coded. `isSecured` is false while TLS is asked for and not yet agreed on. */
export function socketError(address: string, error: NodeJS.ErrnoException, isSecured: boolean): WeirError {
  const code = error.code ?? '';
  if (UNTRUSTED.test(code)) {
    return tlsError(address, `is refused, as the broker's certificate is not trusted (${error.message})`, 'Name the authority that signed it, and the host that it is for.', { cause: error });
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return tlsError(address, `broke, as the two sides do not agree on TLS (${error.message})`, 'Check whether the listener wants TLS, which versions it takes, and whether it asks for a certificate.', { cause: error });
  }
  if (!isSecured && code === 'ECONNRESET') return closedBeforeTls(address, error);
  return connectionError(address, `broke: ${error.message}`, error);
}

/** A plain listener takes the first bytes of TLS for a length that cannot be, and hangs up. */
export function closedBeforeTls(address: string, cause?: unknown): WeirError {
  return tlsError(address, 'was closed by the broker instead of agreeing on TLS', 'Check whether the listener wants TLS.', { retryable: true, cause });
}
