import { join } from 'node:path';
import { json } from '@weir/codecs';
import type { LogReader, Sink } from '@weir/connector-api';
import type { Batch } from '@weir/model';
import { CheckpointStore, readTrack, replayTrack } from '@weir/runtime';
import { codeVersion } from '@weir/settings';
import { describe } from '@weir/topology';
import type { Topology } from '@weir/topology';

const UTF8 = new TextDecoder();

/** What a pipeline has to have written to each of its sinks, as JSON, in order. */
export type Written = Readonly<Record<string, readonly string[]>>;

class Texts implements Sink {
  readonly pending = 0;
  readonly texts: string[] = [];
  readonly #codec;

  constructor(topology: Topology, sink: string) {
    this.#codec = json(topology.sinks[sink]!);
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(batch: Batch): void {
    for (let i = 0; i < batch.length; i++) this.texts.push(UTF8.decode(this.#codec.encode(batch.at(batch.rows[i]!))));
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Replays the steps that a pipeline has recorded over all its lives, in one go and in this process: what it wrote must be what this writes. */
export async function expectedOutput(topology: Topology, reader: LogReader, checkpoints: string): Promise<Written> {
  const identity = { pipeline: topology.name, topology: describe(topology), codeVersion: codeVersion() };
  const store = new CheckpointStore(join(checkpoints, topology.name), identity, () => undefined);
  const steps = store.tracks().flatMap((epoch) => [...readTrack(store.trackPath(epoch), ['orders'])]);
  const sinks = Object.fromEntries(Object.keys(topology.sinks).map((sink) => [sink, new Texts(topology, sink)]));
  await replayTrack({ topology, sources: { orders: { reader, codec: json(topology.sources['orders']!) } }, sinks, steps });
  return Object.fromEntries(Object.entries(sinks).map(([sink, { texts }]) => [sink, texts]));
}
