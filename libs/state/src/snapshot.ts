import type { BinaryReader, BinaryWriter, StateReader, StateWriter } from '@weir/model';
import { KEY_GROUPS } from '@weir/model';
import { ByteReader, ByteWriter, corruptSnapshot } from './bytes.ts';

const OPERATOR_SECTION = -1;

interface Section {
  readonly step: string;
  readonly name: string;
  /** 0 to KEY_GROUPS - 1, or OPERATOR_SECTION. */
  readonly keyGroup: number;
  readonly bytes: Uint8Array;
}

/**
 * The state of a task at a barrier: sections by (step, state name, key group), in that order, so that equal states are equal bytes.
 * Key groups are sections of their own: a task that takes over some of them reads just those.
 */
export class SnapshotWriter {
  /** By step and state name; at index key group + 1, so that the operator's own section comes first. */
  readonly #writers = new Map<string, Map<string, (ByteWriter | undefined)[]>>();

  /** What the operator of one step writes to. */
  step(step: string): StateWriter {
    let states = this.#writers.get(step);
    if (states === undefined) {
      states = new Map();
      this.#writers.set(step, states);
    }
    const mine = states;
    return {
      keyed: (name, keyGroup) => writerOf(mine, name, keyGroup),
      operator: (name) => writerOf(mine, name, OPERATOR_SECTION),
    };
  }

  encode(): Uint8Array {
    const sections = [...this.#sections()].sort(inOrder);
    const out = new ByteWriter();
    out.int32(sections.length);
    for (const section of sections) {
      out.text(section.step);
      out.text(section.name);
      out.int32(section.keyGroup);
      out.bytes(section.bytes);
    }
    return out.toBytes();
  }

  *#sections(): Iterable<Section> {
    for (const [step, states] of this.#writers) {
      for (const [name, writers] of states) {
        for (const [index, writer] of writers.entries()) {
          if (writer !== undefined && writer.length > 0) yield { step, name, keyGroup: index + OPERATOR_SECTION, bytes: writer.toBytes() };
        }
      }
    }
  }
}

function writerOf(states: Map<string, (ByteWriter | undefined)[]>, name: string, keyGroup: number): BinaryWriter {
  let writers = states.get(name);
  if (writers === undefined) {
    writers = [];
    states.set(name, writers);
  }
  return (writers[keyGroup - OPERATOR_SECTION] ??= new ByteWriter());
}

/** Reads one or several snapshots (of tasks that shared the key groups). Throws SNAPSHOT_TRUNCATED or SNAPSHOT_CORRUPT. */
export class SnapshotReader {
  readonly #sections: Section[] = [];

  constructor(snapshots: readonly Uint8Array[], owns: (keyGroup: number) => boolean = () => true) {
    for (const snapshot of snapshots) {
      const reader = new ByteReader(snapshot);
      for (let left = reader.int32(); left > 0; left--) {
        const section = { step: reader.text(), name: reader.text(), keyGroup: reader.int32(), bytes: reader.bytes() };
        if (section.keyGroup < OPERATOR_SECTION || section.keyGroup >= KEY_GROUPS) throw corruptSnapshot(`there is no key group ${section.keyGroup}`);
        if (section.keyGroup === OPERATOR_SECTION || owns(section.keyGroup)) this.#sections.push(section);
      }
      if (reader.remaining > 0) throw corruptSnapshot(`${reader.remaining} bytes follow its end`);
    }
    this.#sections.sort(inOrder);
  }

  /** What the operator of one step is restored from. */
  step(step: string): StateReader {
    const mine = this.#sections.filter((section) => section.step === step);
    return {
      keyed: (name) => mine.filter((section) => section.name === name && section.keyGroup !== OPERATOR_SECTION).map(readerOf),
      operator: (name) => {
        const section = mine.find((candidate) => candidate.name === name && candidate.keyGroup === OPERATOR_SECTION);
        return section === undefined ? undefined : readerOf(section);
      },
      operators: (name) => mine.filter((candidate) => candidate.name === name && candidate.keyGroup === OPERATOR_SECTION).map(readerOf),
    };
  }
}

function readerOf(section: Section): BinaryReader {
  return new ByteReader(section.bytes);
}

function inOrder(a: Section, b: Section): number {
  if (a.step !== b.step) return a.step < b.step ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.keyGroup - b.keyGroup;
}
