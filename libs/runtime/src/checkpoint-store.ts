import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { WeirError } from '@weir/model';
import { diskFiles, writeFailure } from './files.ts';
import type { Files } from './files.ts';
import type { RememberedLog } from './log-memory.ts';
import { sealTrack } from './track.ts';

/** The layout of a checkpoint; grows when it changes. */
const FORMAT_VERSION = 1;
const MANIFEST = 'manifest.json';
const STATE = 'state.bin';
const KEPT = 3;
const EPOCH_NAME = /^epoch-(\d+)$/;
const TRACK_NAME = /^track-(\d+)\.bin$/;

/** What makes an epoch visible: written last, and names its parts with lengths and checksums. */
export interface Manifest {
  readonly format: number;
  readonly pipeline: string;
  readonly epoch: number;
  /** Of the owner that wrote it. */
  readonly taskEpoch: number;
  readonly codeVersion: string;
  /** Of the topology that the state belongs to. */
  readonly topology: string;
  /** Of the logs that were read; checkpoints that are older than this field have none. */
  readonly log?: RememberedLog;
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  /** Of all the above as JSON, in every format: a manifest that is rotten must not be believed when it says that it is newer. */
  readonly sha256: string;
}

export interface Checkpoint {
  readonly epoch: number;
  readonly state: Uint8Array;
  readonly log?: RememberedLog;
}

export interface CheckpointIdentity {
  readonly pipeline: string;
  /** A text that changes when the state would no longer fit, e.g. `describe(topology)`. */
  readonly topology: string;
  readonly codeVersion: string;
}

/**
 * Checkpoints of one task in a directory. An epoch is a folder that becomes visible by one rename, after all in it is durable; a torn
 * or rotten one is passed over, loudly, for the one before. Tracks are kept from the first on, because a proof replays them all.
 */
export class CheckpointStore {
  readonly directory: string;
  readonly #identity: CheckpointIdentity;
  readonly #warn: (message: string) => void;
  readonly #files: Files;

  constructor(directory: string, identity: CheckpointIdentity, warn: (message: string) => void, files: Files = diskFiles) {
    this.directory = directory;
    this.#identity = identity;
    this.#warn = warn;
    this.#files = files;
    files.makeDirectory(directory);
  }

  /** Path of the track that follows an epoch. */
  trackPath(epoch: number): string {
    return join(this.directory, `track-${epoch}.bin`);
  }

  /** Epochs that have a track, ascending. */
  tracks(): readonly number[] {
    return this.#numbers(TRACK_NAME);
  }

  /**
   * Begins the life of a new owner, and answers the number of its first track. The owner before may only be paused, and wake up in the
   * middle of a write: what it still appends to its track is read by nobody, and the track or the checkpoint that it still begins gets
   * the number between its track and the new one, where it does no harm. Throws TRACK_DAMAGED or CHECKPOINT_DISK_FULL.
   */
  takeOver(): number {
    const newest = this.tracks().at(-1);
    if (newest === undefined) return Math.max(0, ...this.#numbers(EPOCH_NAME));
    try {
      sealTrack(this.trackPath(newest), this.#files);
    } catch (error) {
      throw writeFailure(this.directory, error);
    }
    return newest + 2;
  }

  /** The newest whole checkpoint; undefined when there is none. Throws CHECKPOINT_VERSION_NEWER or CHECKPOINT_TOPOLOGY_CHANGED. */
  newest(): Checkpoint | undefined {
    for (const epoch of [...this.#numbers(EPOCH_NAME)].reverse()) {
      const found = this.#read(epoch);
      if (typeof found !== 'string') return found;
      this.#warn(`Checkpoint ${epoch} of ${this.#identity.pipeline} cannot be used (${found}); the one before is taken, and its track replayed.`);
    }
    return undefined;
  }

  /** Makes an epoch durable and visible. Throws CHECKPOINT_DISK_FULL, and then the epochs before are as they were. */
  write(epoch: number, taskEpoch: number, state: Uint8Array, log?: RememberedLog): void {
    const content = {
      format: FORMAT_VERSION,
      pipeline: this.#identity.pipeline,
      epoch,
      taskEpoch,
      codeVersion: this.#identity.codeVersion,
      topology: digest(this.#identity.topology),
      ...(log === undefined ? {} : { log }),
      parts: [{ name: STATE, bytes: state.length, sha256: digest(state) }],
    };
    const manifest: Manifest = { ...content, sha256: digest(JSON.stringify(content)) };
    const folder = join(this.directory, `epoch-${epoch}`);
    const unseen = `${folder}.new`;
    try {
      this.#files.remove(unseen);
      this.#files.makeDirectory(unseen);
      this.#files.write(join(unseen, STATE), state);
      this.#files.write(join(unseen, MANIFEST), Buffer.from(JSON.stringify(manifest)));
      this.#files.syncDirectory(unseen);
      this.#files.remove(folder);
      this.#files.rename(unseen, folder);
      this.#files.syncDirectory(this.directory);
    } catch (error) {
      this.#files.remove(unseen);
      throw writeFailure(this.directory, error);
    }
    this.#dropOld(epoch);
  }

  /** The state, or why it cannot be used. */
  #read(epoch: number): Checkpoint | string {
    const folder = join(this.directory, `epoch-${epoch}`);
    const written = this.#files.read(join(folder, MANIFEST));
    if (written === undefined) return 'it has no manifest';
    const manifest = parseManifest(written);
    if (manifest === undefined) return 'its manifest is damaged';
    if (manifest.format > FORMAT_VERSION) {
      throw new WeirError('CHECKPOINT_VERSION_NEWER', `Checkpoint ${epoch} was written in format ${manifest.format}; this code knows ${FORMAT_VERSION}.`, {
        pipeline: this.#identity.pipeline,
        remedy: 'Run the newer Weir, or start in another directory.',
      });
    }
    let state: Uint8Array | undefined;
    for (const { name, bytes, sha256 } of manifest.parts) {
      const part = this.#files.read(join(folder, name));
      if (part === undefined) return `its part ${name} is missing`;
      if (part.length !== bytes || digest(part) !== sha256) return `its part ${name} is damaged`;
      if (name === STATE) state = part;
    }
    if (state === undefined || manifest.epoch !== epoch) return 'its manifest is of something else';
    if (manifest.topology !== digest(this.#identity.topology)) {
      throw new WeirError('CHECKPOINT_TOPOLOGY_CHANGED', `Checkpoint ${epoch} belongs to another version of the pipeline.`, {
        pipeline: this.#identity.pipeline,
        remedy: 'Run the version that wrote it, or give the new one a name or a directory of its own and let it replay the log.',
      });
    }
    return { epoch, state, ...(manifest.log === undefined ? {} : { log: manifest.log }) };
  }

  #dropOld(newest: number): void {
    const epochs = this.#numbers(EPOCH_NAME).filter((epoch) => epoch <= newest);
    for (const epoch of epochs.slice(0, -KEPT)) this.#files.remove(join(this.directory, `epoch-${epoch}`));
  }

  /** The numbers in the names that fit, ascending. */
  #numbers(pattern: RegExp): readonly number[] {
    return this.#files
      .list(this.directory)
      .flatMap((name) => {
        const match = pattern.exec(name);
        return match === null ? [] : [Number(match[1])];
      })
      .sort((a, b) => a - b);
  }
}

/** Undefined when it is not what was written. */
function parseManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Manifest> | null;
    if (value === null || typeof value !== 'object') return undefined;
    const { sha256, ...content } = value;
    return sha256 === digest(JSON.stringify(content)) ? (value as Manifest) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
