import type { KeyTable, OperatorContext, StateReader, StateWriter } from '@weir/model';
import { invariant, keyGroupOf } from '@weir/model';
import { compareKeys } from '../tables/key-order.ts';
import { ExpiryQueue, StatePlace } from './keyed-state.ts';
import type { CurrentKey, KeyEntry } from './keyed-state.ts';
import type { ProcessClock } from './process-clock.ts';
import type { StateDeclarations } from './process-function.ts';
import type { TimerQueue } from './timer-queue.ts';

const SECTION = 'keys';

/** Keys with their state and timers. A key of which nothing is left is released. */
export class KeyEntries {
  readonly keys: KeyTable;
  readonly handles: Readonly<Record<string, unknown>>;
  readonly current: CurrentKey = { entry: undefined };
  readonly #places: readonly StatePlace[];
  readonly #entries: (KeyEntry | undefined)[] = [];
  readonly #eventTimeExpiries = new ExpiryQueue();
  readonly #processingTimeExpiries = new ExpiryQueue();
  readonly #clock: ProcessClock;
  readonly #timers: readonly TimerQueue[];
  /** Keys that may have become empty; slots stay while the batch that named them is under way. */
  #handled: KeyEntry[] = [];

  constructor(context: OperatorContext, states: StateDeclarations, clock: ProcessClock, timers: readonly TimerQueue[]) {
    this.keys = context.state.keys(context.step);
    this.#clock = clock;
    this.#timers = timers;
    const handles: Record<string, unknown> = {};
    this.#places = Object.entries(states).map(([name, declaration], index) => {
      const queue = declaration.ttl?.clock === 'processing-time' ? this.#processingTimeExpiries : this.#eventTimeExpiries;
      const place = new StatePlace(context.step, name, index, declaration.ttl, this.current, clock, queue);
      place.bound = declaration.bind(place);
      handles[name] = place.bound.handle;
      return place;
    });
    this.handles = Object.freeze(handles);
  }

  at(slot: number): KeyEntry {
    return (this.#entries[slot] ??= { key: this.keys.keyAt(slot), slot, cells: new Array<unknown>(this.#places.length).fill(undefined), timers: 0, waiting: 0, afterEnd: 0 });
  }

  /** Stands at a key, until `leave`. */
  enter(entry: KeyEntry): void {
    this.current.entry = entry;
    this.#handled.push(entry);
  }

  /** A key that was looked up and may have nothing. */
  handled(entry: KeyEntry): void {
    this.#handled.push(entry);
  }

  leave(): void {
    this.current.entry = undefined;
  }

  /** Releases the keys that were handled and of which nothing is left. */
  settle(): void {
    for (const entry of this.#handled) this.#releaseIfEmpty(entry);
    this.#handled = [];
  }

  #releaseIfEmpty(entry: KeyEntry): void {
    if (entry.timers > 0 || entry.waiting > 0 || this.#entries[entry.slot] !== entry) return;
    for (const cell of entry.cells) if (cell !== undefined) return;
    this.#entries[entry.slot] = undefined;
    this.keys.release(entry.slot);
  }

  /** Cleans what has expired, looking at up to `budget` elements of each clock. */
  clean(budget: number): void {
    const emptied = (entry: KeyEntry): void => this.#releaseIfEmpty(entry);
    this.#eventTimeExpiries.clean(this.#clock.watermark, budget, emptied);
    this.#processingTimeExpiries.clean(this.#clock.now, budget, emptied);
  }

  /** Writes what has not expired, by key group and key; so bytes do not depend on how far the cleaning has come. */
  write(writer: StateWriter): void {
    const kept = this.#entries.filter((entry) => entry !== undefined).sort((a, b) => compareKeys(a.key, b.key));
    for (const entry of kept) {
      const cells = this.#places.flatMap((place) => {
        const cell = entry.cells[place.index];
        return cell === undefined || place.bound!.isEmpty(cell) ? [] : [{ place, cell }];
      });
      if (cells.length === 0 && entry.timers === 0) continue;
      const section = writer.keyed(SECTION, keyGroupOf(entry.key));
      section.key(entry.key);
      section.int32(cells.length);
      for (const { place, cell } of cells) {
        section.text(place.name);
        place.bound!.write(cell, section);
      }
      for (const timers of this.#timers) timers.write(entry, section);
    }
  }

  read(reader: StateReader): void {
    for (const section of reader.keyed(SECTION)) {
      while (section.remaining > 0) {
        const entry = this.at(this.keys.obtain(section.key()));
        this.current.entry = entry;
        for (let left = section.int32(); left > 0; left--) {
          const place = this.#placeOf(section.text());
          entry.cells[place.index] = place.bound!.read(section);
        }
        this.current.entry = undefined;
        for (const timers of this.#timers) timers.read(entry, section);
      }
    }
  }

  #placeOf(name: string): StatePlace {
    const place = this.#places.find((candidate) => candidate.name === name);
    invariant(place !== undefined, `state '${name}' of the snapshot is declared, as the description of the step is compared`);
    return place;
  }
}
