import type { BinaryReader, BinaryWriter, KeyTable, SlotTable, StateReader, StateWriter } from '@weir/model';
import { invariant, keyGroupOf } from '@weir/model';

/**
 * Writes the pairs of some namespaces by key group, in two sections that run side by side: `name` says which pairs there are and in
 * which order they were taken, `name.values` holds what belongs to each. `writeValue` must write something.
 */
export function writePairs(
  writer: StateWriter,
  name: string,
  keys: KeyTable,
  slots: SlotTable,
  namespaces: readonly number[],
  writeValue: (slot: number, section: BinaryWriter) => void,
): void {
  let order = 0;
  for (const namespace of namespaces) {
    slots.forEach(namespace, (keySlot, slot) => {
      const key = keys.keyAt(keySlot);
      const keyGroup = keyGroupOf(key);
      const section = writer.keyed(name, keyGroup);
      section.key(key);
      section.float64(namespace);
      section.int32(order++);
      writeValue(slot, writer.keyed(`${name}.values`, keyGroup));
    });
  }
}

interface Pair {
  readonly keySlot: number;
  readonly namespace: number;
  readonly order: number;
}

/** Takes the pairs that `writePairs` wrote in the order in which they were taken then, so that a restart does not change the order of results. */
export function readPairs(
  reader: StateReader,
  name: string,
  keys: KeyTable,
  slots: SlotTable,
  taken: (keySlot: number, slot: number) => void,
  readValue: (slot: number, section: BinaryReader) => void,
): void {
  const sections = [...reader.keyed(name)].map((section) => pairsOf(section, keys));
  for (const { keySlot, namespace } of sections.flat().sort((a, b) => a.order - b.order)) {
    const slot = slots.obtain(keySlot, namespace);
    invariant(slots.created, `a pair of '${name}' is in the snapshot once`);
    taken(keySlot, slot);
  }
  const values = [...reader.keyed(`${name}.values`)];
  invariant(values.length === sections.length, `'${name}' has values for each of its key groups`);
  for (const [index, pairs] of sections.entries()) {
    for (const { keySlot, namespace } of pairs) readValue(slots.find(keySlot, namespace), values[index]!);
  }
}

function pairsOf(section: BinaryReader, keys: KeyTable): readonly Pair[] {
  const pairs: Pair[] = [];
  while (section.remaining > 0) pairs.push({ keySlot: keys.obtain(section.key()), namespace: section.float64(), order: section.int32() });
  return pairs;
}
