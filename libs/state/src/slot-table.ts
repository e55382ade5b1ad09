import type { SlotTable } from '@weir/model';

const EMPTY = -1;
const REMOVED = -2;

/** Key slot -> slot of one namespace: open addressing with linear probing, and the order in which the pairs were taken. */
class Namespace {
  keys = new Int32Array(16).fill(EMPTY);
  slots = new Int32Array(16);
  /** Key slots in the order in which they were taken. */
  order: number[] = [];
  /** Places that are not EMPTY: pairs, and marks of removed ones. */
  used = 0;

  place(keySlot: number): number {
    const mask = this.keys.length - 1;
    let at = Math.imul(keySlot, 0x9e3779b1) >>> 0 & mask;
    while (this.keys[at] !== EMPTY && this.keys[at] !== keySlot) at = (at + 1) & mask;
    return at;
  }

  /** Makes a table of `capacity` places, without the marks of removed pairs. */
  rebuild(capacity: number): void {
    const slots = this.order.map((keySlot) => this.slots[this.place(keySlot)]!);
    this.keys = new Int32Array(capacity).fill(EMPTY);
    this.slots = new Int32Array(capacity);
    this.used = this.order.length;
    this.order.forEach((keySlot, i) => {
      const at = this.place(keySlot);
      this.keys[at] = keySlot;
      this.slots[at] = slots[i]!;
    });
  }
}

/** Slots per namespace on the heap. Finding or taking a slot is O(1) amortised; a namespace costs memory by its pairs. */
export class HeapSlotTable implements SlotTable {
  readonly #namespaces = new Map<number, Namespace>();
  #sorted: number[] | undefined = [];
  readonly #free: number[] = [];
  #capacity = 0;
  #size = 0;
  #created = false;
  #lastId = Number.NaN;
  #last: Namespace | undefined;

  get size(): number {
    return this.#size;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get created(): boolean {
    return this.#created;
  }

  obtain(keySlot: number, namespace: number): number {
    const space = this.#lastId === namespace ? this.#last! : this.#open(namespace);
    let at = space.place(keySlot);
    if (space.keys[at] === keySlot) {
      this.#created = false;
      return space.slots[at]!;
    }
    if ((space.used + 1) * 2 > space.keys.length) {
      space.rebuild(space.order.length * 4 > space.keys.length ? space.keys.length * 2 : space.keys.length);
      at = space.place(keySlot);
    }
    const slot = this.#free.pop() ?? this.#capacity++;
    space.keys[at] = keySlot;
    space.slots[at] = slot;
    space.order.push(keySlot);
    space.used++;
    this.#size++;
    this.#created = true;
    return slot;
  }

  find(keySlot: number, namespace: number): number {
    const space = this.#namespaces.get(namespace);
    if (space === undefined) return -1;
    const at = space.place(keySlot);
    return space.keys[at] === keySlot ? space.slots[at]! : -1;
  }

  namespaces(): readonly number[] {
    this.#sorted ??= [...this.#namespaces.keys()].sort((a, b) => a - b);
    return this.#sorted;
  }

  forEach(namespace: number, visit: (keySlot: number, slot: number) => void): void {
    const space = this.#namespaces.get(namespace);
    if (space === undefined) return;
    for (const keySlot of space.order) visit(keySlot, space.slots[space.place(keySlot)]!);
  }

  releaseNamespace(namespace: number): void {
    const space = this.#namespaces.get(namespace);
    if (space === undefined) return;
    for (const keySlot of space.order) this.#free.push(space.slots[space.place(keySlot)]!);
    this.#size -= space.order.length;
    this.#drop(namespace);
  }

  release(keySlot: number, namespace: number): void {
    const space = this.#namespaces.get(namespace);
    if (space === undefined) return;
    const at = space.place(keySlot);
    if (space.keys[at] !== keySlot) return;
    this.#free.push(space.slots[at]!);
    space.keys[at] = REMOVED;
    space.order.splice(space.order.indexOf(keySlot), 1);
    this.#size--;
    if (space.order.length === 0) this.#drop(namespace);
  }

  #open(namespace: number): Namespace {
    let space = this.#namespaces.get(namespace);
    if (space === undefined) {
      space = new Namespace();
      this.#namespaces.set(namespace, space);
      this.#sorted = undefined;
    }
    this.#lastId = namespace;
    this.#last = space;
    return space;
  }

  #drop(namespace: number): void {
    this.#namespaces.delete(namespace);
    this.#sorted = undefined;
    this.#lastId = Number.NaN;
    this.#last = undefined;
  }
}
