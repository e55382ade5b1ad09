import type { Append, CommittedOffset, Log, LogReader, LogWriter, SourceCommit, TopicSettings } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { checkAppend, requireSequence } from './append.ts';
import { ensureRoom } from './disk-room.ts';
import { EmbeddedReader } from './reader.ts';
import { Session, settled } from './session.ts';
import { checkCommit, commitKey } from './source-commit.ts';
import { openStore } from './store.ts';
import { checkTopic, requirePartition, topicOf } from './topic.ts';

export interface EmbeddedLogOptions {
  /** Appends that would leave less of the disk free are refused with LOG_DISK_FULL. Default 32 MiB. */
  readonly keepFreeBytes?: number;
}

const DEFAULT_KEEP_FREE_BYTES = 32 * 1024 * 1024;
/** Of the pages that a new topic changes. */
const TOPIC_BYTES = 64 * 1024;

/**
 * A log on disk without a server: LMDB, in which several processes read and append at the same time. It is an adapter of the log's
 * port, not a broker. Throws LOG_DIRECTORY_FOREIGN, LOG_DIRECTORY_UNUSABLE, LOG_DAMAGED, LOG_VERSION_NEWER or LOG_DISK_FULL.
 */
export function openEmbeddedLog(directory: string, options: EmbeddedLogOptions = {}): Promise<Log> {
  const keepFreeBytes = options.keepFreeBytes ?? DEFAULT_KEEP_FREE_BYTES;
  return settled(() => new EmbeddedLog(new Session(openStore(directory, keepFreeBytes), keepFreeBytes), keepFreeBytes));
}

class EmbeddedLog implements Log {
  readonly #session: Session;
  readonly #keepFreeBytes: number;

  constructor(session: Session, keepFreeBytes: number) {
    this.#session = session;
    this.#keepFreeBytes = keepFreeBytes;
  }

  async ensureTopic(topic: string, settings: TopicSettings): Promise<void> {
    checkTopic(topic, settings);
    const isThere = await this.#session.read((store) => isAsAsked(topic, settings, store.topics.get(topic)));
    if (isThere) return;
    await this.#session.write((store) => {
      // Another process may have made it by now.
      if (isAsAsked(topic, settings, store.topics.get(topic))) return;
      ensureRoom(store.directory, TOPIC_BYTES, this.#keepFreeBytes);
      const ids = Array.from(store.topics.getRange({}), ({ value }) => value.id);
      const { partitions, retentionBytes, retentionMilliseconds } = settings;
      store.topics.putSync(topic, {
        id: 1 + Math.max(0, ...ids),
        partitions,
        ...(retentionBytes === undefined ? {} : { retentionBytes }),
        ...(retentionMilliseconds === undefined ? {} : { retentionMilliseconds }),
      });
    });
  }

  topics(): Promise<readonly { readonly topic: string; readonly partitions: number }[]> {
    return this.#session.read((store) => Array.from(store.topics.getRange({}), ({ key, value }) => ({ topic: key, partitions: value.partitions })));
  }

  reader(topic: string): Promise<LogReader> {
    return this.#session.read((store) => new EmbeddedReader(this.#session, topic, topicOf(store, topic)));
  }

  writer(): Promise<LogWriter> {
    return this.#session.read(() => new EmbeddedWriter(this.#session));
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

class EmbeddedWriter implements LogWriter {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  append(appends: readonly Append[], commit?: SourceCommit): Promise<readonly number[]> {
    return this.#session.read((store) => {
      const checked = appends.map((append) => checkAppend(store, append));
      return this.#session.commits.add(checked, commit === undefined ? [] : checkCommit(store, commit));
    });
  }

  committed(group: string, topic: string, partition: number): Promise<CommittedOffset | undefined> {
    return this.#session.read((store) => store.commits.get(commitKey(store, group, topic, partition)));
  }

  lastSequence(producer: string, topic: string, partition: number): Promise<number> {
    return this.#session.read((store) => {
      requireSequence({ producer, sequence: 0 });
      const { id, partitions } = topicOf(store, topic);
      requirePartition(topic, partition, partitions);
      return store.sequences.get([producer, id, partition]) ?? -1;
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Whether the topic is there; a topic keeps the retention that it was made with. Throws LOG_PARTITION_MISMATCH. */
function isAsAsked(topic: string, settings: TopicSettings, present: { readonly partitions: number } | undefined): boolean {
  if (present === undefined) return false;
  if (present.partitions === settings.partitions) return true;
  throw new WeirError('LOG_PARTITION_MISMATCH', `Topic '${topic}' has ${present.partitions} partitions, not ${settings.partitions}.`, {
    remedy: 'Ask for as many as it has, or name another topic.',
  });
}
