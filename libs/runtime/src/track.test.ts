import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryFiles } from './fixtures/memory-files.ts';
import { TrackWriter, readTrack } from './track.ts';
import type { TrackedStep } from './track.ts';

const SOURCES = ['clicks', 'orders'];
const PATH = '/job/track-0.bin';

const frames: readonly (readonly TrackedStep[])[] = [
  [
    { kind: 'records', source: 'orders', partition: 0, from: 0, to: 1_000 },
    { kind: 'tick', now: 1_700_000_000_000.5 },
    { kind: 'tick', now: 1_700_000_000_001, isDeaf: true },
  ],
  [{ kind: 'records', source: 'clicks', partition: 300, from: 2 ** 40, to: 2 ** 40 + 127 }],
  [
    { kind: 'watermark', source: 'orders', watermark: Number.NEGATIVE_INFINITY },
    { kind: 'records', source: 'orders', partition: 3, from: 5, to: 5 + 128 },
  ],
];

/** The track of `frames`, and where each frame ends. */
function written(): { readonly files: MemoryFiles; readonly bytes: Uint8Array; readonly ends: readonly number[] } {
  const files = new MemoryFiles();
  const writer = new TrackWriter(PATH, SOURCES, files);
  const ends = frames.map((steps) => {
    for (const step of steps) writer.append(step);
    writer.sync();
    return files.read(PATH)!.length;
  });
  return { files, bytes: files.read(PATH)!, ends };
}

function stepsOf(bytes: Uint8Array): readonly TrackedStep[] {
  const files = new MemoryFiles();
  files.contents.set(PATH, bytes);
  return readTrack(PATH, SOURCES, files);
}

describe('a track', () => {
  it('gives back what was made durable, in order', () => {
    expect(stepsOf(written().bytes)).toEqual(frames.flat());
  });

  it('of a job that never ran is empty', () => {
    expect(readTrack(PATH, SOURCES, new MemoryFiles())).toEqual([]);
  });

  it('cut at any byte gives the whole frames before the cut, and goes on behind them', () => {
    const { bytes, ends } = written();
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = frames.slice(0, ends.filter((end) => end <= cut).length).flat();
      const files = new MemoryFiles();
      files.contents.set(PATH, bytes.slice(0, cut));
      expect(readTrack(PATH, SOURCES, files)).toEqual(whole);
      const writer = new TrackWriter(PATH, SOURCES, files);
      writer.append({ kind: 'tick', now: 7 });
      writer.sync();
      expect(readTrack(PATH, SOURCES, files)).toEqual([...whole, { kind: 'tick', now: 7 }]);
    }
  });

  it('with any bit flipped is refused, or gives whole frames before the flip: never a step that was not taken', () => {
    const { bytes, ends } = written();
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const rotten = Uint8Array.from(bytes);
      rotten[bit >> 3]! ^= 1 << (bit & 7);
      const before = frames.slice(0, ends.filter((end) => end <= bit >> 3).length);
      try {
        expect(stepsOf(rotten)).toEqual(before.flat());
        // Only the last frame can be taken for one that a crash has torn.
        expect(before.length).toBe(frames.length - 1);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TRACK_DAMAGED' });
        refused++;
      }
    }
    expect(refused).toBe(ends.at(-2)! * 8);
  });

  it('with a tail of zeros, as some file systems leave after a crash, has no more steps', () => {
    expect(stepsOf(Buffer.concat([written().bytes, new Uint8Array(100)]))).toEqual(frames.flat());
  });

  it('takes few bytes', () => {
    const files = new MemoryFiles();
    const writer = new TrackWriter(PATH, SOURCES, files);
    for (let step = 0; step < 100; step++) writer.append({ kind: 'records', source: 'orders', partition: step % 4, from: step * 1_000, to: step * 1_000 + 1_000 });
    writer.sync();
    expect(files.read(PATH)!.length).toBeLessThan(1_000);
  });

  it('that meets a full disk says so and stays readable', () => {
    const { files } = written();
    const writer = new TrackWriter(PATH, SOURCES, files);
    files.failure = 'full';
    files.failAt = files.calls + 1;
    writer.append({ kind: 'tick', now: 8 });
    expect(() => writer.sync()).toThrow(expect.objectContaining({ code: 'CHECKPOINT_DISK_FULL', retryable: true }));
    expect(readTrack(PATH, SOURCES, files)).toEqual(frames.flat());
    writer.sync();
    expect(readTrack(PATH, SOURCES, files)).toEqual([...frames.flat(), { kind: 'tick', now: 8 }]);
  });
});

describe('a track on disk', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'weir-track-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is the same bytes, and loses a torn end when it goes on', () => {
    const path = join(directory, 'track-0.bin');
    const write = (): void => {
      const writer = new TrackWriter(path, SOURCES);
      for (const steps of frames) {
        for (const step of steps) writer.append(step);
        writer.sync();
      }
      writer.close();
    };
    write();
    expect(new Uint8Array(readFileSync(path))).toEqual(new Uint8Array(written().bytes));
    const whole = statSync(path).size;
    write();
    expect(statSync(path).size).toBe(whole * 2);
    expect(readTrack(path, SOURCES)).toEqual([...frames.flat(), ...frames.flat()]);
  });
});
