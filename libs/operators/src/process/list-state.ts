import type { BinaryReader, BinaryWriter, Duration } from '@weir/model';
import type { BoundState, StateDeclaration, StatePlace, Stamped } from './keyed-state.ts';
import { checkedTtl } from './ttl.ts';
import type { Ttl } from './ttl.ts';

/** A list for each key, in the order of adding. Each element has a time to live of its own. */
export interface ListState<V> {
  add(value: V): void;
  /** The elements that live, copied. */
  get(): readonly V[];
  /** Replaces all; an empty list clears. */
  set(values: readonly V[]): void;
  clear(): void;
}

export interface ListStateOptions {
  /** Of each element. */
  readonly ttl?: Duration | Ttl;
  /** Most elements of one key; adding more throws STATE_LIMIT. Default 100,000. */
  readonly limit?: number;
}

/** Declares state of a list for each key. Throws STATE_TTL. */
export function listState<V>(options: ListStateOptions = {}): StateDeclaration<ListState<V>> {
  const ttl = checkedTtl(options.ttl);
  return { describe: ttl === undefined ? 'list' : `list ${ttl.describe}`, ttl, bind: (place) => new BoundList<V>(place, options.limit ?? 100_000) };
}

/** Elements in order; those before `first` are gone, so that expiry at the front costs O(1). */
interface ListCell<V> {
  elements: Stamped<V>[];
  first: number;
}

class BoundList<V> implements BoundState<ListState<V>>, ListState<V> {
  readonly #place: StatePlace;
  readonly #limit: number;

  constructor(place: StatePlace, limit: number) {
    this.#place = place;
    this.#limit = limit;
  }

  get handle(): ListState<V> {
    return this;
  }

  add(value: V): void {
    const cell = (this.#place.cell ??= { elements: [], first: 0 }) as ListCell<V>;
    const { elements, first } = cell;
    // Only a list that seems too long is looked through for what has expired.
    if (elements.length - first >= this.#limit) this.#prune(cell);
    cell.elements.push(this.#place.element(value, this.#place.stamp()));
    this.#place.checkSize(cell.elements.length - cell.first, this.#limit);
  }

  get(): readonly V[] {
    const cell = this.#place.cell as ListCell<V> | undefined;
    const values: V[] = [];
    if (cell === undefined) return values;
    for (let i = cell.first; i < cell.elements.length; i++) {
      const element = cell.elements[i]!;
      if (!element.held || this.#place.isExpired(element.touched)) continue;
      this.#place.touchByRead(element);
      values.push(element.value);
    }
    return values;
  }

  set(values: readonly V[]): void {
    this.clear();
    for (const value of values) this.add(value);
  }

  clear(): void {
    const cell = this.#place.cell as ListCell<V> | undefined;
    if (cell === undefined) return;
    for (const element of cell.elements) element.held = false;
    this.#place.cell = undefined;
  }

  isEmpty(cell: unknown): boolean {
    return this.#living(cell as ListCell<V>).length === 0;
  }

  write(cell: unknown, writer: BinaryWriter): void {
    const living = this.#living(cell as ListCell<V>);
    writer.int32(living.length);
    for (const { value, touched } of living) {
      writer.float64(touched);
      writer.json(value);
    }
  }

  read(reader: BinaryReader): ListCell<V> {
    const elements: Stamped<V>[] = [];
    for (let left = reader.int32(); left > 0; left--) {
      const touched = reader.float64();
      elements.push(this.#place.element(reader.json() as V, touched));
    }
    return { elements, first: 0 };
  }

  /** What expired out of turn waits for those before it: it is never returned, and goes with them. */
  evict(cell: unknown, element: Stamped): boolean {
    element.held = false;
    const list = cell as ListCell<V>;
    while (list.first < list.elements.length && !list.elements[list.first]!.held) list.first++;
    if (list.first * 2 > list.elements.length) {
      list.elements = list.elements.slice(list.first);
      list.first = 0;
    }
    return list.elements.length === list.first;
  }

  #living({ elements }: ListCell<V>): readonly Stamped<V>[] {
    return elements.filter(({ held, touched }) => held && !this.#place.isGone(touched));
  }

  #prune(cell: ListCell<V>): void {
    cell.elements = cell.elements.filter((element) => (element.held &&= !this.#place.isGone(element.touched)));
    cell.first = 0;
  }
}
