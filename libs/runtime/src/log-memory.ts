import { WeirError } from '@weir/model';
import { batchBytes, lastOffsetOf, leaderEpochOf, viewOf } from '@weir/record-batch';
import type { SourceBinding } from './bindings.ts';

/** The leader epoch (KIP-101) under which the log took the record in front of an offset. */
export interface Bearing {
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

/** Records [from, to) that the log no longer had when they came next, and that were passed. */
export interface Gap {
  readonly source: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** What a checkpoint remembers of the logs that it was read from. */
export interface RememberedLog {
  /** By source: what tells its topic from another one of the same name. */
  readonly topicIds: Readonly<Record<string, string>>;
  readonly bearings: readonly Bearing[];
  /** The newest, in order. */
  readonly gaps: readonly Gap[];
}

const MOST_GAPS = 1_000;

/** Finds out whether a log is still the one that was read: neither replaced nor cut. Gaps are kept from checkpoint to checkpoint. */
export class LogMemory {
  readonly #before: RememberedLog;
  readonly #bearings = new Map<string, Bearing>();
  #gaps: readonly Gap[];

  constructor(remembered: RememberedLog = { topicIds: {}, bearings: [], gaps: [] }) {
    this.#before = remembered;
    for (const bearing of remembered.bearings) this.#bearings.set(`${bearing.source} ${bearing.partition}`, bearing);
    this.#gaps = remembered.gaps;
  }

  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** Notes that records up to `to` were read, from batches that hold them. */
  note(source: string, partition: number, to: number, bytes: Uint8Array): void {
    const leaderEpoch = leaderEpochAt(bytes, to - 1);
    if (leaderEpoch >= 0) this.#bearings.set(`${source} ${partition}`, { source, partition, offset: to, leaderEpoch });
  }

  noteGap(gap: Gap): void {
    this.#gaps = [...this.#gaps, gap].slice(-MOST_GAPS);
  }

  /**
   * Compares what is remembered with what is there. `position` is that of the checkpoint. Throws LOG_TOPIC_REPLACED or
   * LOG_TRUNCATED.
   */
  async verify(sources: Readonly<Record<string, SourceBinding>>, position: (source: string, partition: number) => number): Promise<void> {
    for (const [source, { reader }] of Object.entries(sources)) {
      const known = this.#before.topicIds[source];
      if (known !== undefined && reader.topicId !== undefined && known !== reader.topicId) {
        throw new WeirError('LOG_TOPIC_REPLACED', `The topic ${reader.topic} was deleted and made anew since the last checkpoint.`, { remedy: 'Begin without the state of the old one, as its offsets mean nothing in the new one.' });
      }
      for (let partition = 0; partition < reader.partitions; partition++) {
        const reached = position(source, partition);
        const { highWatermark } = await reader.offsets(partition);
        if (reached <= highWatermark) continue;
        throw new WeirError('LOG_TRUNCATED', `The log has lost offsets ${highWatermark} to ${reached} of ${reader.topic}/${partition}, which were read before the last checkpoint.`, {
          remedy: `Restore the log, or begin anew without the state.`,
        });
      }
    }
    for (const { source, partition, offset, leaderEpoch } of this.#before.bearings) await sources[source]?.reader.verify?.(partition, offset, leaderEpoch);
  }

  /** For the next checkpoint. */
  remembered(sources: Readonly<Record<string, SourceBinding>>): RememberedLog {
    const topicIds = Object.entries(sources).flatMap(([source, { reader }]) => (reader.topicId === undefined ? [] : [[source, reader.topicId]]));
    return { topicIds: Object.fromEntries(topicIds) as Record<string, string>, bearings: [...this.#bearings.values()], gaps: this.#gaps };
  }
}

/** The leader epoch of the batch that holds an offset; -1 when none does or it does not say. */
function leaderEpochAt(bytes: Uint8Array, offset: number): number {
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    if (lastOffsetOf(view, at) >= offset) return leaderEpochOf(view, at);
    at += batchBytes(view, at);
  }
  return -1;
}
