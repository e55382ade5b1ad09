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
  readonly #sections = new Map<string, { readonly step: string; readonly name: string; readonly keyGroup: number; readonly writer: ByteWriter }>();

  /** What the operator of one step writes to. */
  step(step: string): StateWriter {
    return {
      keyed: (name, keyGroup) => this.#section(step, name, keyGroup),
      operator: (name) => this.#section(step, name, OPERATOR_SECTION),
    };
  }

  encode(): Uint8Array {
    const sections = [...this.#sections.values()].filter((section) => section.writer.length > 0).sort(inOrder);
    const out = new ByteWriter();
    out.int32(sections.length);
    for (const section of sections) {
      out.text(section.step);
      out.text(section.name);
      out.int32(section.keyGroup);
      out.bytes(section.writer.toBytes());
    }
    return out.toBytes();
  }

  #section(step: string, name: string, keyGroup: number): BinaryWriter {
    const id = `${step}\n${name}\n${keyGroup}`;
    let section = this.#sections.get(id);
    if (section === undefined) {
      section = { step, name, keyGroup, writer: new ByteWriter() };
      this.#sections.set(id, section);
    }
    return section.writer;
  }
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
    };
  }
}

function readerOf(section: Section): BinaryReader {
  return new ByteReader(section.bytes);
}

function inOrder(a: Omit<Section, 'bytes'>, b: Omit<Section, 'bytes'>): number {
  if (a.step !== b.step) return a.step < b.step ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.keyGroup - b.keyGroup;
}
