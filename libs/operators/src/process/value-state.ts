import type { BinaryReader, BinaryWriter, Duration } from '@weir/model';
import type { BoundState, StateDeclaration, StatePlace, Stamped } from './keyed-state.ts';
import { checkedTtl } from './ttl.ts';
import type { Ttl } from './ttl.ts';

/** One value for each key. Values are JSON; treat one that was got as read-only and `set` another. */
export interface ValueState<V> {
  /** Undefined when none was set, or it has expired. */
  get(): V | undefined;
  /** `undefined` clears. */
  set(value: V | undefined): void;
  clear(): void;
}

export interface ValueStateOptions {
  readonly ttl?: Duration | Ttl;
}

/** Declares state of one value for each key. Throws STATE_TTL. */
export function valueState<V>(options: ValueStateOptions = {}): StateDeclaration<ValueState<V>> {
  const ttl = checkedTtl(options.ttl);
  return { describe: ttl === undefined ? 'value' : `value ${ttl.describe}`, ttl, bind: (place) => new BoundValue<V>(place) };
}

/** A single element: what value, reducing and aggregating state are made of. */
export class BoundElement<V> {
  protected readonly place: StatePlace;

  constructor(place: StatePlace) {
    this.place = place;
  }

  isEmpty(cell: unknown): boolean {
    return this.place.isGone((cell as Stamped).touched);
  }

  clear(): void {
    const element = this.place.cell as Stamped | undefined;
    if (element === undefined) return;
    element.held = false;
    this.place.cell = undefined;
  }

  /** The element, unless it has expired; a read of it refreshes it where that was asked for. */
  protected held(isRead: boolean): Stamped<V> | undefined {
    const element = this.place.cell as Stamped<V> | undefined;
    if (element === undefined || this.place.isExpired(element.touched)) return undefined;
    if (isRead) this.place.touchByRead(element);
    return element;
  }

  protected put(value: V): void {
    const element = this.held(false);
    if (element === undefined) {
      this.clear();
      this.place.cell = this.place.element(value, this.place.stamp());
      return;
    }
    element.value = value;
    this.place.touch(element);
  }
}

class BoundValue<V> extends BoundElement<V> implements BoundState<ValueState<V>>, ValueState<V> {
  get handle(): ValueState<V> {
    return this;
  }

  get(): V | undefined {
    return this.held(true)?.value;
  }

  set(value: V | undefined): void {
    if (value === undefined) this.clear();
    else this.put(value);
  }

  write(cell: unknown, writer: BinaryWriter): void {
    const { value, touched } = cell as Stamped<V>;
    writer.float64(touched);
    writer.json(value);
  }

  read(reader: BinaryReader): unknown {
    const touched = reader.float64();
    return this.place.element(reader.json() as V, touched);
  }
}
