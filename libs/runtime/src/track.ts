import { dirname } from 'node:path';
import type { Step } from '@weir/model';
import { WeirError } from '@weir/model';
import { crc32c } from '@weir/record-batch';
import { ByteReader, ByteWriter } from '@weir/state';
import { diskFiles, writeFailure } from './files.ts';
import type { AppendFile, Files } from './files.ts';

/** Bytes in front of a frame: its length and its checksum. */
const FRAME_OVERHEAD = 8;

const RECORDS = 0;
const TICK = 1;
const WATERMARK = 2;
const ANSWERS = 3;
const DEAF_TICK = 4;

/** A step as a track holds it; barriers are the borders between tracks. */
export type TrackedStep = Exclude<Step, { readonly kind: 'barrier' }>;

/**
 * Appends the steps of one epoch to a file. Steps become durable together, by `sync`, in one frame with a checksum; a frame that was
 * cut by a crash is taken off before the file goes on. Throws TRACK_DAMAGED.
 */
export class TrackWriter {
  readonly #path: string;
  readonly #file: AppendFile;
  readonly #sources: readonly string[];
  #frame = new ByteWriter();
  #end: number;

  /** `sources` numbers the sources of the pipeline; always in the same order. */
  constructor(path: string, sources: readonly string[], files: Files = diskFiles) {
    this.#path = path;
    this.#sources = sources;
    const present = files.read(path) ?? new Uint8Array(0);
    this.#end = wholeFrames(path, present).end;
    this.#file = files.openAppend(path);
    if (present.length > this.#end) this.#file.truncate(this.#end);
  }

  /** True while steps are not durable. */
  get dirty(): boolean {
    return this.#frame.length > 0;
  }

  append(step: TrackedStep): void {
    const frame = this.#frame;
    switch (step.kind) {
      case 'records':
        frame.uint8(RECORDS);
        frame.uint8(this.#sources.indexOf(step.source));
        varint(frame, step.partition);
        varint(frame, step.from);
        varint(frame, step.to - step.from);
        return;
      case 'tick':
        frame.uint8(step.isDeaf === true ? DEAF_TICK : TICK);
        frame.float64(step.now);
        return;
      case 'watermark':
        frame.uint8(WATERMARK);
        frame.uint8(this.#sources.indexOf(step.source));
        frame.float64(step.watermark);
        return;
      case 'answers':
        frame.uint8(ANSWERS);
        frame.text(step.step);
        varint(frame, step.answers.length);
        for (const { id, failed, json } of step.answers) {
          varint(frame, id);
          frame.uint8(failed ? 1 : 0);
          frame.text(json);
        }
    }
  }

  /** Every step appended so far is durable when it returns. Synchronous: output may be let go only after it. Throws CHECKPOINT_DISK_FULL. */
  sync(): void {
    if (!this.dirty) return;
    const payload = this.#frame.toBytes();
    const framed = new Uint8Array(FRAME_OVERHEAD + payload.length);
    const view = new DataView(framed.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, crc32c(payload, 0, payload.length), true);
    framed.set(payload, FRAME_OVERHEAD);
    try {
      this.#file.append(framed);
    } catch (error) {
      // Part of the frame may be there, and what followed it could not be read.
      this.#file.truncate(this.#end);
      throw writeFailure(dirname(this.#path), error);
    }
    this.#end += framed.length;
    this.#frame = new ByteWriter();
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * Puts a copy of the whole frames of a track in its place. A writer that was thought dead goes on with a file that has lost its name,
 * and nobody reads what it still appends. Throws TRACK_DAMAGED.
 */
export function sealTrack(path: string, files: Files = diskFiles): void {
  const present = files.read(path) ?? new Uint8Array(0);
  const copy = `${path}.sealed`;
  files.remove(copy);
  files.write(copy, present.subarray(0, wholeFrames(path, present).end));
  files.rename(copy, path);
  files.syncDirectory(dirname(path));
}

/**
 * The durable steps of a track, in order; none when there is no such file. A torn last frame is left out: nothing that it led to was
 * ever visible. Throws TRACK_DAMAGED when it is not the end that is torn.
 */
export function readTrack(path: string, sources: readonly string[], files: Files = diskFiles): readonly TrackedStep[] {
  const steps: TrackedStep[] = [];
  for (const frame of wholeFrames(path, files.read(path) ?? new Uint8Array(0)).frames) {
    const reader = new ByteReader(frame);
    while (reader.remaining > 0) steps.push(readStep(reader, sources));
  }
  return steps;
}

function readStep(reader: ByteReader, sources: readonly string[]): TrackedStep {
  switch (reader.uint8()) {
    case RECORDS: {
      const source = sources[reader.uint8()]!;
      const partition = readVarint(reader);
      const from = readVarint(reader);
      return { kind: 'records', source, partition, from, to: from + readVarint(reader) };
    }
    case TICK:
      return { kind: 'tick', now: reader.float64() };
    case DEAF_TICK:
      return { kind: 'tick', now: reader.float64(), isDeaf: true };
    case ANSWERS: {
      const step = reader.text();
      const answers = Array.from({ length: readVarint(reader) }, () => ({ id: readVarint(reader), failed: reader.uint8() === 1, json: reader.text() }));
      return { kind: 'answers', step, answers };
    }
    default:
      return { kind: 'watermark', source: sources[reader.uint8()]!, watermark: reader.float64() };
  }
}

function wholeFrames(path: string, bytes: Uint8Array): { readonly frames: readonly Uint8Array[]; readonly end: number } {
  const frames: Uint8Array[] = [];
  let at = 0;
  for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
    frames.push(frame);
    at += FRAME_OVERHEAD + frame.length;
  }
  // A crash tears the last frame only; with a whole one behind it, steps are gone whose output was visible.
  for (let next = at + 1; next < bytes.length; next++) {
    if (frameAt(bytes, next) === undefined) continue;
    throw new WeirError('TRACK_DAMAGED', `The track ${path} is damaged at byte ${at}.`, {
      remedy: 'Restore the file from a copy, or start in a new data directory and let the job replay the log.',
    });
  }
  return { frames, end: at };
}

/** The content of the whole frame that begins at `at`; undefined when none does. */
function frameAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (at + FRAME_OVERHEAD > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_OVERHEAD);
  const length = view.getUint32(0, true);
  const begin = at + FRAME_OVERHEAD;
  // An empty frame is never written, but a file that a crash filled up with zeros would be full of them.
  if (length === 0 || begin + length > bytes.length) return undefined;
  const frame = bytes.subarray(begin, begin + length);
  return crc32c(frame, 0, length) === view.getUint32(4, true) ? frame : undefined;
}

/** A whole number >= 0, base 128. */
function varint(writer: ByteWriter, value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) writer.uint8((rest % 128) | 128);
  writer.uint8(rest);
}

function readVarint(reader: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.uint8();
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}
