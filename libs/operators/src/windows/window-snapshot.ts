import type { BinaryReader, BinaryWriter, KeyTable, StateReader, StateWriter } from '@weir/model';
import { invariant, keyGroupOf } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { OpenWindow, OpenWindows } from './open-windows.ts';

const FILLED = 1;
const TOUCHED = 2;
const ON_TIME_DUE = 4;
const FORMER_IS_LAST = 8;
const HAS_FORMER = 16;

/** Writes the windows by key group, in the order in which they were opened. */
export function writeWindows(writer: StateWriter, windows: OpenWindows, keys: KeyTable, aggregates: AggregateSet): void {
  for (const [order, window] of windows.all().entries()) {
    const key = keys.keyAt(window.keySlot);
    const keyGroup = keyGroupOf(key);
    const section = writer.keyed('windows', keyGroup);
    section.key(key);
    section.float64(window.start);
    section.float64(window.end);
    section.int32(order);
    writeValues(writer.keyed('windows.values', keyGroup), window, aggregates);
  }
}

function writeValues(section: BinaryWriter, window: OpenWindow, aggregates: AggregateSet): void {
  section.uint8(
    (window.filled ? FILLED : 0) |
      (window.touched ? TOUCHED : 0) |
      (window.onTimeDue ? ON_TIME_DUE : 0) |
      (window.formerIsLast ? FORMER_IS_LAST : 0) |
      (window.formerSlot >= 0 ? HAS_FORMER : 0),
  );
  section.int32(window.firings);
  section.uint8(window.formerTiming);
  section.float64(window.latest);
  section.int32(window.cells.length);
  for (const cell of window.cells) section.float64(cell);
  aggregates.write(window.slot, section);
  if (window.formerSlot >= 0) aggregates.write(window.formerSlot, section);
}

interface Span {
  readonly key: string | number;
  readonly start: number;
  readonly end: number;
  readonly order: number;
}

/** Opens the windows that `writeWindows` wrote, in the same order, and answers them; they are still to be scheduled. */
export function readWindows(reader: StateReader, windows: OpenWindows, keys: KeyTable, aggregates: AggregateSet): readonly OpenWindow[] {
  const sections = [...reader.keyed('windows')].map(spansOf);
  const opened = new Map<Span, OpenWindow>();
  for (const span of sections.flat().sort((a, b) => a.order - b.order)) opened.set(span, windows.open(keys.obtain(span.key), span.start, span.end));
  const values = [...reader.keyed('windows.values')];
  invariant(values.length === sections.length, 'windows have values for each of their key groups');
  for (const [index, spans] of sections.entries()) {
    for (const span of spans) readValues(values[index]!, opened.get(span)!, windows, aggregates);
  }
  return [...opened.values()];
}

function readValues(section: BinaryReader, window: OpenWindow, windows: OpenWindows, aggregates: AggregateSet): void {
  const flags = section.uint8();
  window.filled = (flags & FILLED) !== 0;
  window.touched = (flags & TOUCHED) !== 0;
  window.onTimeDue = (flags & ON_TIME_DUE) !== 0;
  window.formerIsLast = (flags & FORMER_IS_LAST) !== 0;
  window.firings = section.int32();
  window.formerTiming = section.uint8();
  window.latest = section.float64();
  const cells = section.int32();
  invariant(cells === window.cells.length, 'the state of a trigger fits the trigger');
  for (let cell = 0; cell < cells; cell++) window.cells[cell] = section.float64();
  aggregates.read(window.slot, section);
  if ((flags & HAS_FORMER) === 0) return;
  window.formerSlot = windows.takeSlot();
  aggregates.read(window.formerSlot, section);
}

function spansOf(section: BinaryReader): readonly Span[] {
  const spans: Span[] = [];
  while (section.remaining > 0) spans.push({ key: section.key(), start: section.float64(), end: section.float64(), order: section.int32() });
  return spans;
}
