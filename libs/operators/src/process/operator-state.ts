import type { StateReader, StateWriter } from '@weir/model';
import { KEY_GROUPS, WeirError } from '@weir/model';

/** State of an operator's instance, not of a key; a user's own kinds come through this door too. */
export interface OperatorStateDeclaration<Handle = unknown> {
  readonly describe: string;
  bind(step: string, name: string, restored: StateReader | undefined): BoundOperatorState<Handle>;
}

/** A declared operator state at work. */
export interface BoundOperatorState<Handle = unknown> {
  readonly handle: Handle;
  write(writer: StateWriter): void;
}

/** A list that belongs to the instance. Values are JSON. */
export interface OperatorList<V> {
  add(value: V): void;
  /** Copied. */
  get(): readonly V[];
  set(values: readonly V[]): void;
  clear(): void;
}

export interface OperatorListOptions {
  /** Most values of one instance; more throw STATE_LIMIT. Default 100,000. */
  readonly limit?: number;
}

/**
 * A list that is dealt out anew when the operator is restored: values go round the key groups, and
 * each to the instance that owns its group, so that each value is in exactly one instance, whatever their number was and is. One instance keeps its order.
 */
export function operatorList<V>(options: OperatorListOptions = {}): OperatorStateDeclaration<OperatorList<V>> {
  return {
    describe: 'operator list',
    bind: (step, name, restored) => {
      const list = new BoundOperatorList<V>(step, name, options.limit ?? 100_000, restored === undefined ? [] : dealt(restored, name));
      return { handle: list, write: (writer) => deal(list.get(), writer, name) };
    },
  };
}

/** A list of which every instance is given the values of all instances when the operator is restored (after Flink's union list state). */
export function unionList<V>(options: OperatorListOptions = {}): OperatorStateDeclaration<OperatorList<V>> {
  return {
    describe: 'union list',
    bind: (step, name, restored) => {
      const values = (restored?.operators(name) ?? []).flatMap((section) => section.json() as V[]);
      const list = new BoundOperatorList<V>(step, name, options.limit ?? 100_000, values);
      return {
        handle: list,
        write: (writer) => {
          if (list.get().length > 0) writer.operator(name).json(list.get());
        },
      };
    },
  };
}

class BoundOperatorList<V> implements OperatorList<V> {
  readonly #step: string;
  readonly #name: string;
  readonly #limit: number;
  #values: V[];

  constructor(step: string, name: string, limit: number, values: readonly V[]) {
    this.#step = step;
    this.#name = name;
    this.#limit = limit;
    this.#values = [...values];
  }

  add(value: V): void {
    this.#values.push(value);
    this.#check();
  }

  get(): readonly V[] {
    return [...this.#values];
  }

  set(values: readonly V[]): void {
    this.#values = [...values];
    this.#check();
  }

  clear(): void {
    this.#values = [];
  }

  #check(): void {
    if (this.#values.length <= this.#limit) return;
    throw new WeirError('STATE_LIMIT', `Operator state '${this.#name}' has outgrown its ${this.#limit} values.`, { step: this.#step, remedy: 'Clear what is done with, or raise its limit.' });
  }
}

/** Odd, and near the golden section of the number of groups: a few values spread evenly however instances share the groups. */
const GROUP_STRIDE = 79;

function deal(values: readonly unknown[], writer: StateWriter, name: string): void {
  values.forEach((value, index) => {
    const section = writer.keyed(name, (index * GROUP_STRIDE) % KEY_GROUPS);
    section.int32(index);
    section.json(value);
  });
}

function dealt<V>(reader: StateReader, name: string): readonly V[] {
  const found: { readonly index: number; readonly value: V }[] = [];
  for (const section of reader.keyed(name)) {
    while (section.remaining > 0) found.push({ index: section.int32(), value: section.json() as V });
  }
  return found.sort((a, b) => a.index - b.index).map(({ value }) => value);
}
