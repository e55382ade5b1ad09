import type { Decoded, Decoder } from '@weir/connector-api';
import { projection } from '@weir/topology';
import type { Topology } from '@weir/topology';
import type { SourceBinding } from './bindings.ts';

/** A decoder of a source, and the pipelines that are fed from it, by their numbers. */
interface SharedDecoder {
  readonly decoder: Decoder;
  readonly pipelines: readonly number[];
}

/** Records of a partition of a source. */
export interface Fetched {
  readonly source: string;
  readonly partition: number;
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly bytes: Uint8Array;
}

/**
 * The decoders of pipelines that are fed side by side. A pipeline has the fields decoded that it reads, and no others: which records it
 * rejects depends on itself alone, and not on what runs beside it, so both layers reject the same. Pipelines that read the same fields
 * share a decoder.
 */
export class SourceDecoders {
  readonly #bySource: ReadonlyMap<string, readonly SharedDecoder[]>;

  constructor(topologies: readonly Topology[], sources: Readonly<Record<string, SourceBinding>>) {
    this.#bySource = new Map(Object.entries(sources).map(([source, { codec }]) => [source, sharedBy(topologies, source).map(({ fields, pipelines }) => ({ decoder: codec.decoder({ projection: fields }), pipelines }))]));
  }

  /** The decoders of one pipeline, by source. */
  of(pipeline: number): Readonly<Record<string, Decoder>> {
    return Object.fromEntries(
      [...this.#bySource].flatMap(([source, shared]) => {
        const own = shared.find(({ pipelines }) => pipelines.includes(pipeline));
        return own === undefined ? [] : [[source, own.decoder]];
      }),
    );
  }

  /**
   * What the records are to each of these pipelines, undefined to the others; valid until the next call. Nothing is decoded before all that
   * is needed for it is there. Throws what the decoders throw.
   */
  async decode({ source, partition, from, to, bytes }: Fetched, wanted: (pipeline: number) => boolean): Promise<readonly (Decoded | undefined)[]> {
    const needed = this.#bySource.get(source)!.filter(({ pipelines }) => pipelines.some(wanted));
    for (const { decoder } of needed) {
      const prepared = decoder.prepare?.(bytes, from, to);
      if (prepared !== undefined) await prepared;
    }
    const decoded: (Decoded | undefined)[] = [];
    for (const { decoder, pipelines } of needed) {
      const each = decoder.decode(bytes, source, partition, from, to);
      for (const pipeline of pipelines) if (wanted(pipeline)) decoded[pipeline] = each;
    }
    return decoded;
  }
}

/** The readers of a source, by the fields that they read. */
function sharedBy(topologies: readonly Topology[], source: string): readonly { readonly fields: readonly string[]; readonly pipelines: readonly number[] }[] {
  const readers = [...topologies.entries()].filter(([, topology]) => Object.hasOwn(topology.sources, source));
  const reading = readers.map(([pipeline, topology]) => ({ pipeline, fields: projection(topology, source) ?? topology.sources[source]!.fields.map(({ name }) => name) }));
  const groups = Map.groupBy(reading, ({ fields }) => JSON.stringify(fields));
  return [...groups.values()].map((group) => ({ fields: group[0]!.fields, pipelines: group.map(({ pipeline }) => pipeline) }));
}
