import type { SlotTable } from '@weir/model';

const EMPTY = -1;
const REMOVED = -2;

/** The pairs of one namespace: a list in the order in which they were taken, and a hash table over it (open addressing, linear probing). */
class Namespace {
  /** Index of a pair in the list, EMPTY or REMOVED; twice as long as the list, a power of two. */
  #table = new Int32Array(16).fill(EMPTY);
  /** By index: the key slot, REMOVED where the pair was released. */
  #keys = new Int32Array(8);
  #slots = new Int32Array(8);
  /** Pairs in the list, released ones included. */
  #listed = 0;
  #live = 0;

  get live(): number {
    return this.#live;
  }

  /** Slot of the pair, or -1. */
  find(keySlot: number): number {
    const table = this.#table;
    const keys = this.#keys;
    const mask = table.length - 1;
    for (let place = hash(keySlot) & mask; ; place = (place + 1) & mask) {
      const index = table[place]!;
      if (index === EMPTY) return -1;
      if (index !== REMOVED && keys[index] === keySlot) return this.#slots[index]!;
    }
  }

  /** The pair must not be there. */
  add(keySlot: number, slot: number): void {
    if (this.#listed === this.#keys.length) this.#rebuild();
    const mask = this.#table.length - 1;
    let place = hash(keySlot) & mask;
    while (this.#table[place]! >= 0) place = (place + 1) & mask;
    this.#table[place] = this.#listed;
    this.#keys[this.#listed] = keySlot;
    this.#slots[this.#listed] = slot;
    this.#listed++;
    this.#live++;
  }

  /** Slot of the pair that was removed, or -1. */
  remove(keySlot: number): number {
    const mask = this.#table.length - 1;
    for (let place = hash(keySlot) & mask; ; place = (place + 1) & mask) {
      const index = this.#table[place]!;
      if (index === EMPTY) return -1;
      if (index === REMOVED || this.#keys[index] !== keySlot) continue;
      this.#table[place] = REMOVED;
      this.#keys[index] = REMOVED;
      this.#live--;
      return this.#slots[index]!;
    }
  }

  /** In order; `visit` may remove the pair that it sees, and add none. */
  forEach(visit: (keySlot: number, slot: number) => void): void {
    for (let index = 0; index < this.#listed; index++) {
      const keySlot = this.#keys[index]!;
      if (keySlot !== REMOVED) visit(keySlot, this.#slots[index]!);
    }
  }

  /** Leaves the released pairs out, and makes room for as many again as there are. */
  #rebuild(): void {
    const keys = new Int32Array(this.#live * 2 > this.#keys.length ? this.#keys.length * 2 : this.#keys.length);
    const slots = new Int32Array(keys.length);
    const table = new Int32Array(keys.length * 2).fill(EMPTY);
    const mask = table.length - 1;
    let listed = 0;
    for (let index = 0; index < this.#listed; index++) {
      if (this.#keys[index] === REMOVED) continue;
      keys[listed] = this.#keys[index]!;
      slots[listed] = this.#slots[index]!;
      let place = hash(keys[listed]!) & mask;
      while (table[place] !== EMPTY) place = (place + 1) & mask;
      table[place] = listed++;
    }
    this.#keys = keys;
    this.#slots = slots;
    this.#table = table;
    this.#listed = listed;
  }
}

/** Fibonacci hashing; an odd factor keeps neighbours apart, so dense key slots never collide. */
function hash(keySlot: number): number {
  return Math.imul(keySlot, 0x9e3779b1);
}

/** Slots per namespace on the heap. Finding or taking a slot is O(1) amortised; a namespace costs memory by its pairs. */
export class HeapSlotTable implements SlotTable {
  readonly #namespaces = new Map<number, Namespace>();
  #sorted: readonly number[] | undefined = [];
  readonly #free: number[] = [];
  #capacity = 0;
  #size = 0;
  #created = false;
  /** The namespace of the last `obtain`: rows of a batch mostly share it. */
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
    const found = space.find(keySlot);
    this.#created = found < 0;
    if (found >= 0) return found;
    const slot = this.#free.pop() ?? this.#capacity++;
    space.add(keySlot, slot);
    this.#size++;
    return slot;
  }

  find(keySlot: number, namespace: number): number {
    return this.#namespaces.get(namespace)?.find(keySlot) ?? -1;
  }

  namespaces(): readonly number[] {
    this.#sorted ??= [...this.#namespaces.keys()].sort((a, b) => a - b);
    return this.#sorted;
  }

  forEach(namespace: number, visit: (keySlot: number, slot: number) => void): void {
    this.#namespaces.get(namespace)?.forEach(visit);
  }

  releaseNamespace(namespace: number): void {
    const space = this.#namespaces.get(namespace);
    if (space === undefined) return;
    space.forEach((_, slot) => this.#free.push(slot));
    this.#size -= space.live;
    this.#drop(namespace);
  }

  release(keySlot: number, namespace: number): void {
    const space = this.#namespaces.get(namespace);
    const slot = space?.remove(keySlot) ?? -1;
    if (slot < 0) return;
    this.#free.push(slot);
    this.#size--;
    if (space!.live === 0) this.#drop(namespace);
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
