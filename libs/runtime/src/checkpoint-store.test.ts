import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointStore } from './checkpoint-store.ts';
import type { CheckpointIdentity } from './checkpoint-store.ts';
import { MemoryFiles } from './fixtures/memory-files.ts';

const IDENTITY: CheckpointIdentity = { pipeline: 'revenue', topology: 'pipeline revenue', codeVersion: '1.0.0' };
const DIRECTORY = '/job';

function stateOf(epoch: number): Uint8Array {
  return Uint8Array.from({ length: 40 }, (_, i) => (epoch * 31 + i * 7) & 255);
}

function storeOn(files: MemoryFiles, warnings: string[] = [], identity = IDENTITY): CheckpointStore {
  return new CheckpointStore(DIRECTORY, identity, (message) => warnings.push(message), files);
}

function withEpochs(...epochs: readonly number[]): MemoryFiles {
  const files = new MemoryFiles();
  const store = storeOn(files);
  for (const epoch of epochs) store.write(epoch, 1, stateOf(epoch));
  return files;
}

describe('a checkpoint store', () => {
  it('that is empty has no checkpoint', () => {
    expect(storeOn(new MemoryFiles()).newest()).toBeUndefined();
  });

  it('gives the newest', () => {
    expect(storeOn(withEpochs(1, 2, 10)).newest()).toEqual({ epoch: 10, state: stateOf(10) });
  });

  it('keeps three, and every track', () => {
    const files = withEpochs(1, 2, 3, 4, 5);
    for (const track of [0, 1, 2]) files.contents.set(`${DIRECTORY}/track-${track}.bin`, new Uint8Array(1));
    storeOn(files).write(6, 1, stateOf(6));
    expect([...files.list(DIRECTORY)].sort()).toEqual(['epoch-4', 'epoch-5', 'epoch-6', 'track-0.bin', 'track-1.bin', 'track-2.bin']);
    expect(storeOn(files).tracks()).toEqual([0, 1, 2]);
  });

  it('passes over one that is cut anywhere, says so, and takes the one before', () => {
    for (const part of ['state.bin', 'manifest.json']) {
      const path = `${DIRECTORY}/epoch-2/${part}`;
      const whole = withEpochs(1, 2).read(path)!;
      for (let cut = 0; cut < whole.length; cut++) {
        const files = withEpochs(1, 2);
        files.contents.set(path, whole.slice(0, cut));
        const warnings: string[] = [];
        expect(storeOn(files, warnings).newest()).toEqual({ epoch: 1, state: stateOf(1) });
        expect(warnings).toHaveLength(1);
      }
    }
  });

  it('passes over one with any bit flipped, whatever it says then', () => {
    for (const part of ['state.bin', 'manifest.json']) {
      const path = `${DIRECTORY}/epoch-2/${part}`;
      const files = withEpochs(1, 2);
      const whole = Uint8Array.from(files.read(path)!);
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const rotten = Uint8Array.from(whole);
        rotten[bit >> 3]! ^= 1 << (bit & 7);
        files.contents.set(path, rotten);
        expect(storeOn(files).newest()?.epoch).toBe(1);
      }
    }
  });

  it('passes over one that lost a part, or that lies under a wrong name', () => {
    for (const part of ['state.bin', 'manifest.json']) {
      const files = withEpochs(1, 2);
      files.contents.delete(`${DIRECTORY}/epoch-2/${part}`);
      expect(storeOn(files).newest()?.epoch).toBe(1);
    }
    const files = withEpochs(1, 2);
    files.rename(`${DIRECTORY}/epoch-1`, `${DIRECTORY}/epoch-3`);
    expect(storeOn(files).newest()?.epoch).toBe(2);
  });

  it('that crashes at any call has the epoch before or the new one, whole', () => {
    const calls = withEpochs(1, 2, 3, 4).calls - withEpochs(1, 2, 3).calls;
    const seen = new Set<number>();
    for (let call = 1; call <= calls; call++) {
      const files = withEpochs(1, 2, 3);
      const store = storeOn(files);
      files.failAt = files.calls + call;
      expect(() => store.write(4, 1, stateOf(4))).toThrow('the power is off');
      files.failAt = Number.POSITIVE_INFINITY;
      const { epoch, state } = storeOn(files).newest()!;
      expect(state).toEqual(stateOf(epoch));
      seen.add(epoch);
      // The next attempt can write what this one could not.
      storeOn(files).write(4, 2, stateOf(4));
      expect(storeOn(files).newest()).toEqual({ epoch: 4, state: stateOf(4) });
    }
    expect([...seen].sort()).toEqual([3, 4]);
  });

  it('that meets a full disk at any call says so and keeps what it has', () => {
    const calls = withEpochs(1, 2, 3, 4).calls - withEpochs(1, 2, 3).calls - 1;
    for (let call = 2; call < calls; call++) {
      const files = withEpochs(1, 2);
      const store = storeOn(files);
      files.failure = 'full';
      files.failAt = files.calls + call;
      expect(() => store.write(3, 1, stateOf(3))).toThrow(expect.objectContaining({ code: 'CHECKPOINT_DISK_FULL' }));
      files.failAt = Number.POSITIVE_INFINITY;
      const { epoch, state } = storeOn(files).newest()!;
      expect(state).toEqual(stateOf(epoch));
      expect(files.list(DIRECTORY)).not.toContain('epoch-3.new');
    }
  });

  it('refuses the state of another version of the pipeline', () => {
    const changed = { ...IDENTITY, topology: 'pipeline revenue, other' };
    expect(() => storeOn(withEpochs(1), [], changed).newest()).toThrow(expect.objectContaining({ code: 'CHECKPOINT_TOPOLOGY_CHANGED' }));
    // Another version of the code alone is no reason.
    expect(storeOn(withEpochs(1), [], { ...IDENTITY, codeVersion: '2.0.0' }).newest()?.epoch).toBe(1);
  });
});

describe('a checkpoint store on disk', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'weir-checkpoints-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps state across processes and leaves nothing half made', () => {
    const open = (): CheckpointStore => new CheckpointStore(join(directory, 'deep', 'er'), IDENTITY, () => expect.fail('nothing is damaged'));
    for (const epoch of [1, 2, 3, 4]) open().write(epoch, 1, stateOf(epoch));
    const newest = open().newest()!;
    expect([newest.epoch, new Uint8Array(newest.state)]).toEqual([4, stateOf(4)]);
    expect(readdirSync(join(directory, 'deep', 'er')).sort()).toEqual(['epoch-2', 'epoch-3', 'epoch-4']);
  });
});
