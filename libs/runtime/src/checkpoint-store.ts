import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '@weir/model';

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
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

export interface Checkpoint {
  readonly epoch: number;
  readonly state: Uint8Array;
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

  constructor(directory: string, identity: CheckpointIdentity, warn: (message: string) => void) {
    this.directory = directory;
    this.#identity = identity;
    this.#warn = warn;
    mkdirSync(directory, { recursive: true });
  }

  /** Path of the track that follows an epoch. */
  trackPath(epoch: number): string {
    return join(this.directory, `track-${epoch}.bin`);
  }

  /** Epochs that have a track, ascending. */
  tracks(): readonly number[] {
    return numbersOf(this.directory, TRACK_NAME);
  }

  /** The newest whole checkpoint; undefined when there is none. Throws CHECKPOINT_VERSION_NEWER or CHECKPOINT_TOPOLOGY_CHANGED. */
  newest(): Checkpoint | undefined {
    for (const epoch of [...numbersOf(this.directory, EPOCH_NAME)].reverse()) {
      const found = this.#read(epoch);
      if (typeof found !== 'string') return found;
      this.#warn(`Checkpoint ${epoch} of ${this.#identity.pipeline} cannot be used (${found}); the one before is taken, and its track replayed.`);
    }
    return undefined;
  }

  /** Makes an epoch durable and visible. Throws CHECKPOINT_DISK_FULL, and then the epochs before are as they were. */
  write(epoch: number, taskEpoch: number, state: Uint8Array): void {
    const manifest: Manifest = {
      format: FORMAT_VERSION,
      pipeline: this.#identity.pipeline,
      epoch,
      taskEpoch,
      codeVersion: this.#identity.codeVersion,
      topology: digest(this.#identity.topology),
      parts: [{ name: STATE, bytes: state.length, sha256: digest(state) }],
    };
    const folder = join(this.directory, `epoch-${epoch}`);
    const unseen = `${folder}.new`;
    try {
      rmSync(unseen, { recursive: true, force: true });
      mkdirSync(unseen);
      writeDurably(join(unseen, STATE), state);
      writeDurably(join(unseen, MANIFEST), Buffer.from(JSON.stringify(manifest)));
      syncDirectory(unseen);
      rmSync(folder, { recursive: true, force: true });
      renameSync(unseen, folder);
      syncDirectory(this.directory);
    } catch (error) {
      rmSync(unseen, { recursive: true, force: true });
      throw isCode(error, 'ENOSPC') ? diskFull(this.directory, error) : error;
    }
    this.#dropOld(epoch);
  }

  /** The state, or why it cannot be used. */
  #read(epoch: number): Checkpoint | string {
    const folder = join(this.directory, `epoch-${epoch}`);
    const path = join(folder, MANIFEST);
    if (!existsSync(path)) return 'it has no manifest';
    const manifest = parseManifest(readFileSync(path, 'utf8'));
    if (manifest === undefined) return 'its manifest is damaged';
    if (manifest.format > FORMAT_VERSION) {
      throw new WeirError('CHECKPOINT_VERSION_NEWER', `Checkpoint ${epoch} was written in format ${manifest.format}; this code knows ${FORMAT_VERSION}.`, {
        pipeline: this.#identity.pipeline,
        remedy: 'Run the newer Weir, or start in another directory.',
      });
    }
    for (const part of manifest.parts) {
      const file = join(folder, part.name);
      if (!existsSync(file)) return `its part ${part.name} is missing`;
      const bytes = readFileSync(file);
      if (bytes.length !== part.bytes || digest(bytes) !== part.sha256) return `its part ${part.name} is damaged`;
    }
    if (manifest.topology !== digest(this.#identity.topology)) {
      throw new WeirError('CHECKPOINT_TOPOLOGY_CHANGED', `Checkpoint ${epoch} belongs to another version of the pipeline.`, {
        pipeline: this.#identity.pipeline,
        remedy: 'Run the version that wrote it, or give the new one a name or a directory of its own and let it replay the log.',
      });
    }
    return { epoch, state: readFileSync(join(folder, STATE)) };
  }

  #dropOld(newest: number): void {
    const epochs = numbersOf(this.directory, EPOCH_NAME).filter((epoch) => epoch <= newest);
    for (const epoch of epochs.slice(0, -KEPT)) rmSync(join(this.directory, `epoch-${epoch}`), { recursive: true, force: true });
  }
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const value = JSON.parse(text) as Partial<Manifest> | null;
    const isWhole = typeof value?.format === 'number' && typeof value.topology === 'string' && Array.isArray(value.parts) && value.parts.some((part) => part.name === STATE);
    return isWhole ? (value as Manifest) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function numbersOf(directory: string, pattern: RegExp): readonly number[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const match = pattern.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);
}

function writeDurably(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A rename is durable once the directory that holds the name is. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function diskFull(directory: string, cause: unknown): WeirError {
  return new WeirError('CHECKPOINT_DISK_FULL', `There is no room for a checkpoint in ${directory}.`, {
    remedy: 'Free some space; the job goes on from the last checkpoint.',
    retryable: true,
    cause,
  });
}
