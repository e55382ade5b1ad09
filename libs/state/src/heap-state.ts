import type { KeyTable, SlotTable, StateBackend } from '@weir/model';
import { HeapKeyTable } from './key-table.ts';
import { HeapSlotTable } from './slot-table.ts';

/** Keeps state in typed arrays and Maps on the heap of the process. */
export function createHeapState(): StateBackend {
  return {
    keys: (name): KeyTable => new HeapKeyTable(name),
    slots: (): SlotTable => new HeapSlotTable(),
  };
}
