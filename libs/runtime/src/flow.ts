import type { Batch, Collector, Operator, StateBackend, Timestamp, Watermark } from '@weir/model';
import { MIN_WATERMARK, WeirError } from '@weir/model';
import type { SnapshotReader, SnapshotWriter } from '@weir/state';
import type { OperatorNode, Topology } from '@weir/topology';
import { observerOf } from './books.ts';
import type { Books, RejectionListener } from './books.ts';

/** Where the rows of a sink go. A batch is valid until the call returns. */
export interface Output {
  write(batch: Batch, watermark: Watermark): void;
}

interface RunningNode {
  readonly id: number;
  readonly operator: Operator | undefined;
  readonly step: string;
  /** By output port. */
  readonly consumers: ((batch: Batch) => void)[][];
  readonly collector: Collector;
  /** Ids of the sources that it descends from. */
  readonly source: number;
}

/** The operators of a topology, wired: pushes batches, watermarks and ticks through them. */
export class Flow {
  readonly #nodes: RunningNode[] = [];
  readonly #watermarks = new Map<number, Watermark>();
  readonly #topology: Topology;
  readonly #books: Books;
  /** Nodes whose rows are still the source's own rows, each counted once. */
  readonly #onBooks = new Set<number>();

  constructor(topology: Topology, outputs: Readonly<Record<string, Output>>, books: Books, state: StateBackend, restored: SnapshotReader | undefined, listener: RejectionListener | undefined) {
    this.#topology = topology;
    this.#books = books;
    this.#findOnBooks();
    for (const node of topology.nodes) {
      const source = node.kind === 'source' ? node.id : this.#nodes[node.input.node]!.source;
      const ports = node.kind === 'operator' ? node.spec.outputs.length : 1;
      const consumers: ((batch: Batch) => void)[][] = Array.from({ length: ports }, () => []);
      const collector = { emit: (batch: Batch, port = 0) => consumers[port]!.forEach((consume) => consume(batch)) };
      const counts = this.#onBooks.has(node.id);
      const operator = node.kind === 'operator' ? this.#create(node, counts ? books : undefined, state, restored, listener) : undefined;
      this.#nodes.push({ id: node.id, operator, step: node.kind === 'operator' ? node.step : '', consumers, collector, source });
      if (node.kind === 'source') continue;
      this.#nodes[node.input.node]!.consumers[node.input.port]!.push(this.#consumer(node.id, outputs));
    }
  }

  rows(source: number, batch: Batch): void {
    this.#nodes[source]!.collector.emit(batch);
  }

  /** Operators get the watermark in topological order, so each has seen all that it makes due upstream. */
  watermark(source: number, watermark: Watermark): void {
    this.#watermarks.set(source, watermark);
    for (const node of this.#nodes) {
      if (node.source === source) node.operator?.onWatermark?.(watermark, node.collector);
    }
  }

  restoreWatermark(source: number, watermark: Watermark): void {
    this.#watermarks.set(source, watermark);
  }

  tick(now: Timestamp): void {
    for (const node of this.#nodes) node.operator?.onTick?.(now, node.collector);
  }

  snapshot(writer: SnapshotWriter): void {
    for (const node of this.#nodes) node.operator?.snapshot?.(writer.step(node.step));
  }

  #create(node: OperatorNode, books: Books | undefined, state: StateBackend, restored: SnapshotReader | undefined, listener: RejectionListener | undefined): Operator {
    const context = { pipeline: this.#topology.name, step: node.step, state, observer: observerOf(node.step, books, listener) };
    return node.spec.create(context, restored?.step(node.step));
  }

  #consumer(id: number, outputs: Readonly<Record<string, Output>>): (batch: Batch) => void {
    const node = this.#topology.nodes[id]!;
    const counts = this.#onBooks.has(id);
    switch (node.kind) {
      case 'operator': {
        const running = this.#nodes[id]!;
        return (batch) => running.operator!.onBatch(batch, running.collector);
      }
      case 'sink': {
        const output = outputs[node.sink];
        if (output === undefined) {
          throw new WeirError('SINK_UNBOUND', `Nothing is bound to sink '${node.sink}'.`, { pipeline: this.#topology.name, remedy: "Bind it under 'sinks'." });
        }
        const { source } = this.#nodes[id]!;
        return (batch) => {
          if (counts) this.#books.add('counted', batch.length);
          output.write(batch, this.#watermarks.get(source) ?? MIN_WATERMARK);
        };
      }
      case 'discard':
        return (batch) => {
          if (counts) this.#books.add('filtered', batch.length);
        };
      case 'source':
        throw new Error('Broken invariant: a source has no input.');
    }
  }

  /**
   * Rows are on the books from a source to the first stateful step (which tells what becomes of them), sink or discard. Where they fork, the books follow the first path, so
   * that each record is counted once.
   */
  #findOnBooks(): void {
    const forked = new Set<number>();
    for (const node of this.#topology.nodes) {
      if (node.kind === 'source') {
        this.#onBooks.add(node.id);
        continue;
      }
      const before = this.#topology.nodes[node.input.node]!;
      const isRows = this.#onBooks.has(before.id) && !(before.kind === 'operator' && before.spec.stateful);
      if (!isRows || node.input.port !== 0 || forked.has(before.id)) continue;
      forked.add(before.id);
      this.#onBooks.add(node.id);
    }
  }
}
