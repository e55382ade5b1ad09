/** How a broker is started, in whichever way. */
export interface BrokerOptions {
  /** More lines of `server.properties`; they win over those that are there. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Of the Java heap; default 512 MiB. */
  readonly heapMebibytes?: number;
  /** More listeners by name (e.g. `SASL`), each on a free port of its own; their settings are said in `properties`. */
  readonly listeners?: readonly string[];
  /** By listener, the port of 127.0.0.1 that clients are told instead of the broker's own: that of a proxy of the test. */
  readonly advertised?: Readonly<Record<string, number>>;
}

export interface RestartOptions {
  /**
   * Whether its controller runs alone first, until the registration of the broker that was killed has expired: otherwise Kafka 4.3.0 may lose
   * the ends of transactions whose markers were not written yet (KAFKA-20734). Of a container the broker starts as it is.
   */
  readonly controllerFirst?: boolean;
}

/** A real Apache Kafka broker (KRaft, one node) with data of its own. */
export interface Broker {
  /** `host:port` of the plain listener. */
  readonly bootstrap: string;
  /** The directory with its logs, a folder for each partition, as its own tools name it. */
  readonly data: string;
  /** `host:port` of a listener that was asked for. */
  address(listener: string): string;
  /** Ends it without notice, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again over the same data and on the same port. Throws BROKER_START. */
  restart(options?: RestartOptions): Promise<void>;
  /** Lets it stand still with its connections open, as a machine that swaps does. */
  pause(): Promise<void>;
  /** Lets it go on after a pause. */
  resume(): Promise<void>;
  /** Runs a class of Kafka's own tools with arguments, and answers what it printed. */
  tool(className: string, args: readonly string[], input?: string): Promise<string>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** How long a broker may take until it takes connections. */
export const READY_MILLISECONDS = 60_000;
