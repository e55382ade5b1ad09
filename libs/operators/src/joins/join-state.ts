import type { KeyTable, OperatorContext, StateReader, StateWriter, Watermark } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import { compareKeys } from '../tables/key-order.ts';
import { LEFT, RIGHT } from './join-kind.ts';
import { JoinSide } from './join-side.ts';
import type { IsDead } from './join-side.ts';
import { tooManyRows } from './join-spec.ts';
import { readKept, renumber, writeKept } from './kept-row.ts';
import type { KeptRow } from './kept-row.ts';

/** The rows that a join keeps of its two inputs, by key, over one table of keys. */
export class JoinState {
  readonly keys: KeyTable;
  readonly #context: OperatorContext;
  readonly #maxRows: number;
  readonly #sides: readonly [JoinSide, JoinSide];
  /** True when something besides the sides holds on to a key. */
  readonly #isHeld: (keySlot: number) => boolean;
  #arrivals = 0;

  constructor(context: OperatorContext, maxRows: number, isDeadLeft: IsDead, isDeadRight: IsDead, isHeld: (keySlot: number) => boolean = () => false) {
    this.keys = context.state.keys(context.step);
    this.#context = context;
    this.#maxRows = maxRows;
    this.#sides = [new JoinSide(isDeadLeft), new JoinSide(isDeadRight)];
    this.#isHeld = isHeld;
  }

  side(input: number): JoinSide {
    return this.#sides[input]!;
  }

  /** The number of the next row that arrives. */
  nextArrival(): number {
    return this.#arrivals++;
  }

  /** Throws JOIN_STATE_LIMIT. */
  insert(input: number, keySlot: number, kept: KeptRow): void {
    if (this.#sides[LEFT].size + this.#sides[RIGHT].size >= this.#maxRows) throw tooManyRows(this.#maxRows, this.#context);
    this.#sides[input]!.insert(keySlot, kept);
  }

  /** Forgets what can meet no row any more. */
  expire(watermark: Watermark): void {
    for (const side of this.#sides) side.expire(watermark, (keySlot) => this.releaseIfEmpty(keySlot));
  }

  /** Gives a key's slot back when no row of it is kept; not while slots of a batch are in use. */
  releaseIfEmpty(keySlot: number): void {
    if (this.#sides[LEFT].timeline(keySlot) === undefined && this.#sides[RIGHT].timeline(keySlot) === undefined && !this.#isHeld(keySlot)) this.keys.release(keySlot);
  }

  /** Writes all rows by key group, keys in one order, so that equal states are equal bytes. */
  write(writer: StateWriter, name: string): void {
    const slots = new Set([...this.#sides[LEFT].keySlots(), ...this.#sides[RIGHT].keySlots()]);
    const sorted = [...slots].map((slot) => ({ slot, key: this.keys.keyAt(slot) })).sort((a, b) => compareKeys(a.key, b.key));
    this.#arrivals = renumber(sorted.flatMap(({ slot }) => [...this.#rowsOf(LEFT, slot), ...this.#rowsOf(RIGHT, slot)]));
    for (const { slot, key } of sorted) {
      const section = writer.keyed(name, keyGroupOf(key));
      section.key(key);
      for (const input of [LEFT, RIGHT]) {
        const rows = this.#rowsOf(input, slot);
        section.int32(rows.length);
        for (const kept of rows) writeKept(kept, section);
      }
    }
  }

  /** Takes in what `write` wrote, of any number of instances; `taken` sees each row. */
  read(reader: StateReader, name: string, taken: (input: number, kept: KeptRow) => void = () => undefined): void {
    const all: KeptRow[] = [];
    for (const section of reader.keyed(name)) {
      while (section.remaining > 0) {
        const slot = this.keys.obtain(section.key());
        for (const input of [LEFT, RIGHT]) {
          for (let left = section.int32(); left > 0; left--) {
            const kept = readKept(section);
            this.insert(input, slot, kept);
            all.push(kept);
            taken(input, kept);
          }
        }
      }
    }
    this.#arrivals = renumber(all);
  }

  #rowsOf(input: number, keySlot: number): readonly KeptRow[] {
    const timeline = this.#sides[input]!.timeline(keySlot);
    return timeline === undefined ? [] : Array.from({ length: timeline.size }, (_, index) => timeline.at(index));
  }
}
