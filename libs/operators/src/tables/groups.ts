import type { Aggregator, KeyTable, StateReader, StateWriter } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import { compareKeys } from './key-order.ts';

interface Group {
  rows: number;
  readonly accumulators: unknown[];
  /** What stands in the table; undefined when nothing does. */
  value: Readonly<Record<string, unknown>> | undefined;
}

/** The aggregates of each group, by its slot. */
export class Groups {
  readonly #names: readonly string[];
  readonly #aggregators: readonly Aggregator<unknown>[];
  readonly #groups: (Group | undefined)[] = [];
  /** True when every aggregate can take rows out again. */
  readonly retractable: boolean;

  constructor(aggregators: Readonly<Record<string, Aggregator>>) {
    this.#names = Object.keys(aggregators);
    this.#aggregators = Object.values(aggregators) as unknown as readonly Aggregator<unknown>[];
    this.retractable = this.#aggregators.every((aggregator) => aggregator.retract !== undefined);
  }

  has(slot: number): boolean {
    return this.#groups[slot] !== undefined;
  }

  add(slot: number, row: unknown): void {
    const group = this.#obtain(slot);
    group.rows++;
    for (const [i, aggregator] of this.#aggregators.entries()) group.accumulators[i] = aggregator.add(group.accumulators[i], row);
  }

  /** Takes a row out of the count, and of the aggregates that can retract it. */
  take(slot: number, row: unknown): void {
    const group = this.#obtain(slot);
    group.rows--;
    for (const [i, aggregator] of this.#aggregators.entries()) {
      if (aggregator.retract === undefined) continue;
      group.accumulators[i] = aggregator.retract(group.accumulators[i], aggregator.add(aggregator.create(), row));
    }
  }

  /** Computes the aggregates that cannot retract from the rows of the group. */
  compute(slot: number, rows: Iterable<unknown>): void {
    const group = this.#obtain(slot);
    const all = [...rows];
    for (const [i, aggregator] of this.#aggregators.entries()) {
      if (aggregator.retract === undefined) group.accumulators[i] = all.reduce((accumulator, row) => aggregator.add(accumulator, row), aggregator.create());
    }
  }

  /** Ends an instant for a group: its values before and after, undefined where it has no rows. */
  settle(slot: number): { readonly before: unknown; readonly after: unknown } {
    const group = this.#groups[slot];
    if (group === undefined) return { before: undefined, after: undefined };
    const before = group.value;
    if (group.rows === 0) this.#groups[slot] = undefined;
    else group.value = this.#finish(group);
    return { before, after: group.rows === 0 ? undefined : group.value };
  }

  write(writer: StateWriter, name: string, keys: KeyTable): void {
    const held = this.#groups.flatMap((group, slot) => (group === undefined ? [] : [{ slot, key: keys.keyAt(slot), group }]));
    for (const { key, group } of held.sort((a, b) => compareKeys(a.key, b.key))) {
      const section = writer.keyed(name, keyGroupOf(key));
      section.key(key);
      section.float64(group.rows);
      for (const [i, aggregator] of this.#aggregators.entries()) aggregator.write(group.accumulators[i], section);
    }
  }

  read(reader: StateReader, name: string, keys: KeyTable): void {
    for (const section of reader.keyed(name)) {
      while (section.remaining > 0) {
        const slot = keys.obtain(section.key());
        const rows = section.float64();
        const group: Group = { rows, accumulators: this.#aggregators.map((aggregator) => aggregator.read(section)), value: undefined };
        group.value = this.#finish(group);
        this.#groups[slot] = group;
      }
    }
  }

  #obtain(slot: number): Group {
    return (this.#groups[slot] ??= { rows: 0, accumulators: this.#aggregators.map((aggregator) => aggregator.create()), value: undefined });
  }

  #finish(group: Group): Readonly<Record<string, unknown>> {
    const value: Record<string, unknown> = {};
    for (const [i, name] of this.#names.entries()) value[name] = this.#aggregators[i]!.finish(group.accumulators[i]);
    return value;
  }
}
