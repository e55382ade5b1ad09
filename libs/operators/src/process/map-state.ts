import type { BinaryReader, BinaryWriter, Duration, Key } from '@weir/model';
import type { BoundState, StateDeclaration, StatePlace, Stamped } from './keyed-state.ts';
import { checkedTtl } from './ttl.ts';
import type { Ttl } from './ttl.ts';

/** A map for each key, in the order in which its fields were put in first. Each field has a time to live of its own. */
export interface MapState<F extends Key, V> {
  get(field: F): V | undefined;
  /** True when the field is there; does not count as reading it. */
  has(field: F): boolean;
  set(field: F, value: V): void;
  delete(field: F): void;
  /** The fields and values that live, copied. */
  entries(): readonly (readonly [F, V])[];
  clear(): void;
}

export interface MapStateOptions {
  /** Of each field. */
  readonly ttl?: Duration | Ttl;
  /** Most fields of one key; putting in more throws STATE_LIMIT. Default 100,000. */
  readonly limit?: number;
}

/** Declares state of a map for each key. Throws STATE_TTL. */
export function mapState<F extends Key, V>(options: MapStateOptions = {}): StateDeclaration<MapState<F, V>> {
  const ttl = checkedTtl(options.ttl);
  return { describe: ttl === undefined ? 'map' : `map ${ttl.describe}`, ttl, bind: (place) => new BoundMap<F, V>(place, options.limit ?? 100_000) };
}

class BoundMap<F extends Key, V> implements BoundState<MapState<F, V>>, MapState<F, V> {
  readonly #place: StatePlace;
  readonly #limit: number;

  constructor(place: StatePlace, limit: number) {
    this.#place = place;
    this.#limit = limit;
  }

  get handle(): MapState<F, V> {
    return this;
  }

  get(field: F): V | undefined {
    const element = this.#living(field);
    if (element !== undefined) this.#place.touchByRead(element);
    return element?.value;
  }

  has(field: F): boolean {
    return this.#living(field) !== undefined;
  }

  set(field: F, value: V): void {
    const element = this.#living(field);
    if (element !== undefined) {
      element.value = value;
      this.#place.touch(element);
      return;
    }
    // One that expired and comes back is a new one, at the end: whether it was cleaned meanwhile must not show.
    this.delete(field);
    const cell = (this.#place.cell ??= new Map()) as Map<F, Stamped<V>>;
    if (cell.size >= this.#limit) this.#prune(cell);
    this.#place.checkSize(cell.size + 1, this.#limit);
    cell.set(field, this.#place.element(value, this.#place.stamp(), field));
  }

  delete(field: F): void {
    const cell = this.#cell();
    const element = cell?.get(field);
    if (cell === undefined || element === undefined) return;
    element.held = false;
    cell.delete(field);
    if (cell.size === 0) this.#place.cell = undefined;
  }

  entries(): readonly (readonly [F, V])[] {
    const found: (readonly [F, V])[] = [];
    for (const [field, element] of this.#cell() ?? []) {
      if (this.#place.isExpired(element.touched)) continue;
      this.#place.touchByRead(element);
      found.push([field, element.value]);
    }
    return found;
  }

  clear(): void {
    for (const element of this.#cell()?.values() ?? []) element.held = false;
    this.#place.cell = undefined;
  }

  isEmpty(cell: unknown): boolean {
    return this.#lasting(cell).length === 0;
  }

  write(cell: unknown, writer: BinaryWriter): void {
    const lasting = this.#lasting(cell);
    writer.int32(lasting.length);
    for (const [field, { value, touched }] of lasting) {
      writer.key(field);
      writer.float64(touched);
      writer.json(value);
    }
  }

  read(reader: BinaryReader): Map<F, Stamped<V>> {
    const cell = new Map<F, Stamped<V>>();
    for (let left = reader.int32(); left > 0; left--) {
      const field = reader.key() as F;
      const touched = reader.float64();
      cell.set(field, this.#place.element(reader.json() as V, touched, field));
    }
    return cell;
  }

  evict(cell: unknown, element: Stamped): boolean {
    const map = cell as Map<F, Stamped<V>>;
    element.held = false;
    map.delete(element.field as F);
    return map.size === 0;
  }

  #cell(): Map<F, Stamped<V>> | undefined {
    return this.#place.cell as Map<F, Stamped<V>> | undefined;
  }

  #living(field: F): Stamped<V> | undefined {
    const element = this.#cell()?.get(field);
    return element === undefined || this.#place.isExpired(element.touched) ? undefined : element;
  }

  #lasting(cell: unknown): readonly (readonly [F, Stamped<V>])[] {
    return [...(cell as Map<F, Stamped<V>>)].filter(([, { touched }]) => !this.#place.isGone(touched));
  }

  #prune(cell: Map<F, Stamped<V>>): void {
    for (const [field, element] of cell) {
      if (!this.#place.isGone(element.touched)) continue;
      element.held = false;
      cell.delete(field);
    }
  }
}
