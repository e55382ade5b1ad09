/** Appends values to a growing buffer; numbers little-endian. What `BinaryReader` reads in the same order. */
export interface BinaryWriter {
  readonly length: number;
  uint8(value: number): void;
  int32(value: number): void;
  float64(value: number): void;
  /** UTF-8 with a length in front. */
  text(value: string): void;
  key(value: string | number): void;
  /** Any JSON value. */
  json(value: unknown): void;
}

/** Reads what a `BinaryWriter` wrote; throws SNAPSHOT_TRUNCATED past the end. */
export interface BinaryReader {
  readonly remaining: number;
  uint8(): number;
  int32(): number;
  float64(): number;
  text(): string;
  key(): string | number;
  json(): unknown;
}

/** Where an operator puts its state at a barrier. Sections are named; keyed ones are cut by key group, so that they can be rescaled. */
export interface StateWriter {
  /** The section of one key group of a keyed state. Called any number of times; appends. */
  keyed(name: string, keyGroup: number): BinaryWriter;
  /** State that belongs to the operator instance, not to a key. */
  operator(name: string): BinaryWriter;
}

/** What an operator is restored from. */
export interface StateReader {
  /** The non-empty sections of a keyed state, ascending by key group. */
  keyed(name: string): Iterable<BinaryReader>;
  /** The section of the first instance that wrote one. */
  operator(name: string): BinaryReader | undefined;
  /** The sections of all instances that the snapshots are of, in their order: what list state is redistributed from. */
  operators(name: string): readonly BinaryReader[];
}
