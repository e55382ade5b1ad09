import type { Batch, BinaryReader, BinaryWriter, Collector, Operator, OperatorRequests, RequestAnswer, RequestPolicy, StateBackend, Timestamp, Watermark } from '@weir/model';
import { MIN_WATERMARK, WeirError, invariant } from '@weir/model';
import type { SnapshotReader, SnapshotWriter } from '@weir/state';
import { inputsOf } from '@weir/topology';
import type { OperatorNode, Topology } from '@weir/topology';
import { observerOf } from './books.ts';
import type { Books, RejectionListener } from './books.ts';
import { pathsOnBooks } from './paths-on-books.ts';
import type { Bookkeeping } from './paths-on-books.ts';

/** Where the rows of a sink go. A batch is valid until the call returns. */
export interface Output {
  /** `sequence` counts the batches that came to this sink in the life of the task, from 0. */
  write(batch: Batch, watermark: Watermark, sequence: number): void;
}

interface RunningNode {
  readonly operator: Operator | undefined;
  readonly step: string;
  /** Ids of the nodes that it reads, by input. */
  readonly inputs: readonly number[];
  /** By output port. */
  readonly consumers: ((batch: Batch) => void)[][];
  readonly collector: Collector;
  /** The least watermark of its inputs; of a source, its own. */
  received: Watermark;
  /** The watermark that it passes on. */
  passed: Watermark;
}

/** A step that asks the outside world. */
export interface AskingStep {
  readonly step: string;
  readonly policy: RequestPolicy;
  readonly requests: OperatorRequests;
}

export interface FlowOptions {
  readonly topology: Topology;
  readonly outputs: Readonly<Record<string, Output>>;
  readonly books: Books;
  readonly state: StateBackend;
  readonly restored: SnapshotReader | undefined;
  readonly listener: RejectionListener | undefined;
}

/** The operators of a topology, wired: pushes batches, watermarks and ticks through them. */
export class Flow {
  readonly #nodes: RunningNode[] = [];
  readonly #options: FlowOptions;
  readonly #onBooks: ReadonlyMap<string, Bookkeeping>;
  /** By sink: how many batches came to it. */
  readonly #written = new Map<string, number>();
  /** The books that the operator which is running now tells of its rows; undefined when they are not on the books. */
  #current: Books | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.#onBooks = pathsOnBooks(options.topology);
    for (const node of options.topology.nodes) {
      const ports = node.kind === 'operator' ? node.spec.outputs.length : 1;
      const consumers: ((batch: Batch) => void)[][] = Array.from({ length: ports }, () => []);
      const collector = {
        emit: (batch: Batch, port = 0) => {
          const listeners = consumers[port]!;
          for (let i = 0; i < listeners.length; i++) listeners[i]!(batch);
        },
      };
      const operator = node.kind === 'operator' ? this.#create(node) : undefined;
      const edges = inputsOf(node);
      const step = node.kind === 'operator' ? node.step : '';
      this.#nodes.push({ operator, step, inputs: edges.map((edge) => edge.node), consumers, collector, received: MIN_WATERMARK, passed: MIN_WATERMARK });
      edges.forEach((edge, input) => this.#nodes[edge.node]!.consumers[edge.port]!.push(this.#consumer(node.id, input)));
    }
  }

  rows(source: number, batch: Batch): void {
    this.#nodes[source]!.collector.emit(batch);
  }

  /** Operators get the watermark in topological order, so each has seen all that it makes due upstream. */
  watermark(source: number, watermark: Watermark): void {
    const node = this.#nodes[source]!;
    node.received = node.passed = watermark;
    this.#passOn();
  }

  /** Puts the watermarks of sources back where they were at the snapshot; nothing becomes due by it. */
  restoreWatermarks(watermarks: ReadonlyMap<number, Watermark>): void {
    for (const [id, node] of this.#nodes.entries()) {
      node.received = node.inputs.length === 0 ? watermarks.get(id)! : this.#least(node);
      node.passed = node.operator?.outputWatermark?.() ?? node.received;
    }
  }

  /** How many batches came to each sink; in order of name. */
  writeSequences(writer: BinaryWriter): void {
    writer.int32(this.#written.size);
    for (const [sink, count] of [...this.#written].sort(([a], [b]) => (a < b ? -1 : 1))) {
      writer.text(sink);
      writer.float64(count);
    }
  }

  readSequences(reader: BinaryReader): void {
    for (let left = reader.int32(); left > 0; left--) this.#written.set(reader.text(), reader.float64());
  }

  tick(now: Timestamp): void {
    for (const node of this.#nodes) node.operator?.onTick?.(now, node.collector);
    this.#passOn();
  }

  /** The steps that ask the outside world, in topological order. */
  asking(): readonly AskingStep[] {
    return this.#options.topology.nodes.flatMap((node) => {
      if (node.kind !== 'operator' || node.spec.asks === undefined) return [];
      const { requests } = this.#nodes[node.id]!.operator!;
      invariant(requests !== undefined, `${node.step} has the requests that its spec says how to ask`);
      return [{ step: node.step, policy: node.spec.asks, requests }];
    });
  }

  /** What came of requests of a step; rows that it lets go may let the watermark go too. */
  answers(step: string, answers: readonly RequestAnswer[]): void {
    const node = this.#nodes.find((candidate) => candidate.step === step);
    invariant(node?.operator?.onAnswers !== undefined, `${step} is a step that asks`);
    node.operator.onAnswers(answers, node.collector);
    this.#passOn();
  }

  snapshot(writer: SnapshotWriter): void {
    for (const node of this.#nodes) node.operator?.snapshot?.(writer.step(node.step));
  }

  #passOn(): void {
    for (const node of this.#nodes) {
      if (node.operator === undefined) {
        if (node.inputs.length > 0) node.received = node.passed = this.#least(node);
        continue;
      }
      const received = this.#least(node);
      if (received > node.received) {
        node.received = received;
        node.operator.onWatermark?.(received, node.collector);
      }
      const passed = node.operator.outputWatermark?.() ?? node.received;
      invariant(passed <= node.received, `${node.step} does not pass on more than it knows`);
      if (passed > node.passed) node.passed = passed;
    }
  }

  #least(node: RunningNode): Watermark {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < node.inputs.length; i++) least = Math.min(least, this.#nodes[node.inputs[i]!]!.passed);
    return least;
  }

  #create(node: OperatorNode): Operator {
    const { topology, state, restored, listener } = this.#options;
    const observer = observerOf(node.step, () => this.#current, this.#options.books, listener);
    return node.spec.create({ pipeline: topology.name, step: node.step, state, observer }, restored?.step(node.step));
  }

  #consumer(id: number, input: number): (batch: Batch) => void {
    const { topology, outputs, books } = this.#options;
    const node = topology.nodes[id]!;
    const bookkeeping = this.#onBooks.get(`${id}.${input}`);
    const counts = bookkeeping === undefined ? undefined : books;
    switch (node.kind) {
      case 'operator':
        return this.#operatorConsumer(id, input, bookkeeping);
      case 'sink': {
        const output = outputs[node.sink];
        if (output === undefined) {
          throw new WeirError('SINK_UNBOUND', `Nothing is bound to sink '${node.sink}'.`, { pipeline: topology.name, remedy: "Bind it under 'sinks'." });
        }
        const from = this.#nodes[node.input.node]!;
        return (batch) => {
          counts?.add('counted', batch.length);
          const sequence = this.#written.get(node.sink) ?? 0;
          this.#written.set(node.sink, sequence + 1);
          output.write(batch, from.received, sequence);
        };
      }
      case 'discard':
        return (batch) => counts?.add('filtered', batch.length);
      case 'source':
        throw new Error('Broken invariant: a source has no input.');
    }
  }

  #operatorConsumer(id: number, input: number, bookkeeping: Bookkeeping | undefined): (batch: Batch) => void {
    const { books } = this.#options;
    const running = this.#nodes[id]!;
    const operator = running.operator!;
    return (batch) => {
      // Operators downstream run within this call, and each has books of its own.
      const before: Books | undefined = this.#current;
      this.#current = bookkeeping === 'told' ? books : undefined;
      if (bookkeeping === 'entered') books.add('counted', batch.length);
      operator.onBatch(batch, running.collector, input);
      this.#current = before;
    };
  }
}
