import type { Aggregator, BinaryReader, BinaryWriter, Duration } from '@weir/model';
import type { BoundState, StateDeclaration, StatePlace, Stamped } from './keyed-state.ts';
import { checkedTtl } from './ttl.ts';
import type { Ttl } from './ttl.ts';
import { BoundElement } from './value-state.ts';

/** Values that are folded into one as they are added. */
export interface ReducingState<V> {
  add(value: V): void;
  /** Undefined when nothing was added, or it has expired. */
  get(): V | undefined;
  clear(): void;
}

export interface ReducingStateOptions<V> {
  /** Pure; given what there is and what is added. */
  readonly reduce: (held: V, added: V) => V;
  readonly ttl?: Duration | Ttl;
}

/** Declares state that keeps the fold of all that is added. Throws STATE_TTL. */
export function reducingState<V>(options: ReducingStateOptions<V>): StateDeclaration<ReducingState<V>> {
  const ttl = checkedTtl(options.ttl);
  return { describe: ttl === undefined ? 'reducing' : `reducing ${ttl.describe}`, ttl, bind: (place) => new BoundReducing(place, options.reduce) };
}

class BoundReducing<V> extends BoundElement<V> implements BoundState<ReducingState<V>>, ReducingState<V> {
  readonly #reduce: (held: V, added: V) => V;

  constructor(place: StatePlace, reduce: (held: V, added: V) => V) {
    super(place);
    this.#reduce = reduce;
  }

  get handle(): ReducingState<V> {
    return this;
  }

  add(value: V): void {
    const held = this.held(false);
    this.put(held === undefined ? value : this.#reduce(held.value, value));
  }

  get(): V | undefined {
    return this.held(true)?.value;
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

/** Rows that are folded by an aggregator as they are added. */
export interface AggregatingState<In, Out> {
  add(row: In): void;
  /** Undefined when nothing was added, or it has expired. */
  get(): Out | undefined;
  clear(): void;
}

export interface AggregatingStateOptions {
  readonly ttl?: Duration | Ttl;
}

/** Declares state that keeps an accumulator of any aggregator of the library, or of a custom one. Throws STATE_TTL. */
export function aggregatingState<In, Out>(aggregator: Aggregator<In, unknown, Out>, options: AggregatingStateOptions = {}): StateDeclaration<AggregatingState<In, Out>> {
  const ttl = checkedTtl(options.ttl);
  const describe = `aggregating ${aggregator.describe}`;
  return { describe: ttl === undefined ? describe : `${describe} ${ttl.describe}`, ttl, bind: (place) => new BoundAggregating(place, aggregator) };
}

class BoundAggregating<In, Out> extends BoundElement<unknown> implements BoundState<AggregatingState<In, Out>>, AggregatingState<In, Out> {
  readonly #aggregator: Aggregator<In, unknown, Out>;

  constructor(place: StatePlace, aggregator: Aggregator<In, unknown, Out>) {
    super(place);
    this.#aggregator = aggregator;
  }

  get handle(): AggregatingState<In, Out> {
    return this;
  }

  add(row: In): void {
    const held = this.held(false);
    this.put(this.#aggregator.add(held === undefined ? this.#aggregator.create() : held.value, row));
  }

  get(): Out | undefined {
    const held = this.held(true);
    return held === undefined ? undefined : this.#aggregator.finish(held.value);
  }

  write(cell: unknown, writer: BinaryWriter): void {
    const { value, touched } = cell as Stamped;
    writer.float64(touched);
    this.#aggregator.write(value, writer);
  }

  read(reader: BinaryReader): unknown {
    const touched = reader.float64();
    return this.place.element(this.#aggregator.read(reader), touched);
  }
}
