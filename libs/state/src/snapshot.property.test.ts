import { KEY_GROUPS } from '@weir/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotReader, SnapshotWriter } from './snapshot.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };

interface Entry {
  readonly step: string;
  readonly name: string;
  /** -1: state of the operator. */
  readonly keyGroup: number;
  readonly value: number;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  step: fc.constantFrom('', 'revenue', 'sessions'),
  name: fc.constantFrom('panes', 'fired'),
  keyGroup: fc.integer({ min: -1, max: KEY_GROUPS - 1 }),
  value: fc.integer(),
});

function snapshotOf(entries: readonly Entry[]): Uint8Array {
  const writer = new SnapshotWriter();
  for (const { step, name, keyGroup, value } of entries) {
    const to = writer.step(step);
    (keyGroup < 0 ? to.operator(name) : to.keyed(name, keyGroup)).int32(value);
  }
  return writer.encode();
}

/** All values of one keyed state in the order of the sections. */
function keyed(reader: SnapshotReader, step: string, name: string): readonly number[] {
  const values: number[] = [];
  for (const section of reader.step(step).keyed(name)) while (section.remaining > 0) values.push(section.int32());
  return values;
}

const inOrder = (entries: readonly Entry[], step: string, name: string): readonly number[] =>
  entries
    .filter((each) => each.step === step && each.name === name && each.keyGroup >= 0)
    .sort((a, b) => a.keyGroup - b.keyGroup)
    .map(({ value }) => value);

const places = ['', 'revenue', 'sessions'].flatMap((step) => ['panes', 'fired'].map((name) => [step, name] as const));

describe('a snapshot', () => {
  it('gives each state back by key group, and what was appended in order', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const reader = new SnapshotReader([snapshotOf(entries)]);
        for (const [step, name] of places) {
          expect(keyed(reader, step, name)).toEqual(inOrder(entries, step, name));
          const own = entries.filter((each) => each.step === step && each.name === name && each.keyGroup < 0);
          const section = reader.step(step).operator(name);
          expect(section === undefined ? [] : own.map(() => section.int32())).toEqual(own.map(({ value }) => value));
        }
      }),
      RUNS,
    );
  });

  it('is the same bytes whatever the order in which its sections were begun', () => {
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ step, name, keyGroup }) => JSON.stringify([step, name, keyGroup]) }), (entries) => {
        expect(snapshotOf([...entries].reverse())).toEqual(snapshotOf(entries));
      }),
      RUNS,
    );
  });

  it('can be cut by key group and put together again', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (entries, before, after) => {
        const parts = Array.from({ length: before }, (_, task) => snapshotOf(entries.filter(({ keyGroup }) => keyGroup >= 0 && keyGroup % before === task)));
        for (const [step, name] of places) {
          const taken = Array.from({ length: after }, (_, task) => keyed(new SnapshotReader(parts, (keyGroup) => keyGroup % after === task), step, name));
          expect(taken.flat().sort((a, b) => a - b)).toEqual([...inOrder(entries, step, name)].sort((a, b) => a - b));
        }
      }),
      RUNS,
    );
  });

  it('that was cut off at any byte, or has more bytes than it says, is refused', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        const bytes = snapshotOf(entries);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => new SnapshotReader([bytes.subarray(0, length)])).toThrow(/SNAPSHOT_TRUNCATED/);
        }
        expect(() => new SnapshotReader([Uint8Array.from([...bytes, 0])])).toThrow(/SNAPSHOT_CORRUPT/);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });

  it('that is anything at all is read, or refused with a code', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), fc.nat(), fc.integer({ min: 0, max: 255 }), (entries, at, byte) => {
        const bytes = snapshotOf(entries);
        bytes[at % bytes.length] = byte;
        try {
          void new SnapshotReader([bytes]);
        } catch (error) {
          expect(String(error)).toMatch(/SNAPSHOT_(TRUNCATED|CORRUPT)/);
        }
      }),
      RUNS,
    );
  });

  it('with a key group that does not exist is refused', () => {
    const writer = new SnapshotWriter();
    writer.step('revenue').keyed('panes', KEY_GROUPS).uint8(1);
    expect(() => new SnapshotReader([writer.encode()])).toThrow(/SNAPSHOT_CORRUPT/);
  });

  it('leaves empty sections out', () => {
    const writer = new SnapshotWriter();
    writer.step('revenue').keyed('panes', 1);
    expect(writer.encode()).toEqual(new SnapshotWriter().encode());
    expect([...new SnapshotReader([writer.encode()]).step('revenue').keyed('panes')]).toEqual([]);
  });
});
