import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Step } from '@weir/model';
import { crc32c } from '@weir/record-batch';
import { ByteReader, ByteWriter } from '@weir/state';

/** Bytes in front of a frame: its length and its checksum. */
const FRAME_OVERHEAD = 8;

const RECORDS = 0;
const TICK = 1;
const WATERMARK = 2;

/** A step as a track holds it; barriers are the borders between tracks. */
export type TrackedStep = Exclude<Step, { readonly kind: 'barrier' }>;

/**
 * Appends the steps of one epoch to a file. Steps become durable together, by `sync`, in one frame with a checksum; a frame that was
 * cut by a crash is taken off before the file goes on.
 */
export class TrackWriter {
  readonly #file: number;
  readonly #sources: readonly string[];
  #frame = new ByteWriter();
  #end: number;

  /** `sources` numbers the sources of the pipeline; always in the same order. */
  constructor(path: string, sources: readonly string[]) {
    this.#sources = sources;
    this.#file = openSync(path, 'a+');
    this.#end = wholeFrames(readFileSync(this.#file)).end;
    ftruncateSync(this.#file, this.#end);
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
        frame.uint8(TICK);
        frame.float64(step.now);
        return;
      case 'watermark':
        frame.uint8(WATERMARK);
        frame.uint8(this.#sources.indexOf(step.source));
        frame.float64(step.watermark);
    }
  }

  /** Every step appended so far is durable when it returns. Synchronous: output may be let go only after it. */
  sync(): void {
    if (!this.dirty) return;
    const payload = this.#frame.toBytes();
    const framed = new Uint8Array(FRAME_OVERHEAD + payload.length);
    const view = new DataView(framed.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, crc32c(payload, 0, payload.length), true);
    framed.set(payload, FRAME_OVERHEAD);
    writeSync(this.#file, framed, 0, framed.length);
    fdatasyncSync(this.#file);
    this.#end += framed.length;
    this.#frame = new ByteWriter();
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The durable steps of a track, in order. A torn last frame is left out: nothing that it led to was ever visible. */
export function readTrack(path: string, sources: readonly string[]): readonly TrackedStep[] {
  const steps: TrackedStep[] = [];
  for (const frame of wholeFrames(readFileSync(path)).frames) {
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
    default:
      return { kind: 'watermark', source: sources[reader.uint8()]!, watermark: reader.float64() };
  }
}

function wholeFrames(bytes: Uint8Array): { readonly frames: readonly Uint8Array[]; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Uint8Array[] = [];
  let at = 0;
  while (at + FRAME_OVERHEAD <= bytes.length) {
    const length = view.getUint32(at, true);
    const next = at + FRAME_OVERHEAD + length;
    if (next > bytes.length) break;
    const frame = bytes.subarray(at + FRAME_OVERHEAD, next);
    if (crc32c(frame, 0, length) !== view.getUint32(at + 4, true)) break;
    frames.push(frame);
    at = next;
  }
  return { frames, end: at };
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
