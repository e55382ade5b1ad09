import { connect as connectPlain, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { invariant } from '@weir/model';
import type { WeirError } from '@weir/model';
import { ByteCursor } from './byte-cursor.ts';
import { brokerError, closedBeforeTls, connectionError, socketError, tlsError } from './errors.ts';
import { RequestWriter } from './request-writer.ts';
import { ResponsePool } from './response-pool.ts';
import type { Response } from './response-pool.ts';
import { authenticate } from './sasl.ts';
import type { Sasl } from './sasl.ts';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly tls?: TlsOptions;
  readonly sasl?: Sasl;
  /** For the whole way up, authentication included; default 10 s. */
  readonly connectMilliseconds?: number;
}

/** A request by its number and version in Kafka's protocol. */
export interface ApiVersion {
  readonly key: number;
  readonly version: number;
  /** With tagged fields in its headers (KIP-482). */
  readonly flexible: boolean;
  /** The response has none all the same: a client must be able to read it before it knows the versions. */
  readonly plainResponse?: boolean;
}

interface Waiting {
  readonly correlation: number;
  readonly flexible: boolean;
  readonly deadline: number;
  resolve(response: Response): void;
  reject(error: unknown): void;
}

/** What may arrive together with the length of a response: it is copied, what comes later is not. */
const SCRATCH_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;
/** Kafka itself refuses more than 100 MiB; a length beyond this is no length. */
const MOST_RESPONSE_BYTES = 256 << 20;
const DEFAULT_CONNECT_MILLISECONDS = 10_000;
const CHECK_MILLISECONDS = 250;

const SASL_HANDSHAKE: ApiVersion = { key: 17, version: 1, flexible: false };
const SASL_AUTHENTICATE: ApiVersion = { key: 36, version: 2, flexible: true };

/**
 * One connection to a broker. Requests are pipelined and answered in order. What arrives is read into the buffer of its response, which
 * is used again after it.
 */
export class Connection {
  readonly address: string;
  readonly #clientId: Buffer;
  readonly #pool: ResponsePool;
  readonly #waiting: Waiting[] = [];
  #socket: Socket | undefined;
  #correlation = 0;
  #failure: unknown;
  #timer: NodeJS.Timeout | undefined;
  readonly #prefix = Buffer.alloc(LENGTH_BYTES);
  #prefixFilled = 0;
  #response: Buffer | undefined;
  #wanted = 0;
  #filled = 0;

  private constructor({ host, port, clientId }: ConnectionOptions, pool: ResponsePool) {
    this.address = `${host}:${port}`;
    this.#clientId = new RequestWriter().text16(clientId).toBytes();
    this.#pool = pool;
  }

  /** Connects and authenticates. Throws KAFKA_CONNECTION, KAFKA_TLS or KAFKA_CREDENTIALS. */
  static async open(options: ConnectionOptions, pool: ResponsePool = new ResponsePool()): Promise<Connection> {
    const connection = new Connection(options, pool);
    const milliseconds = options.connectMilliseconds ?? DEFAULT_CONNECT_MILLISECONDS;
    const deadline = performance.now() + milliseconds;
    try {
      await connection.#connect(options, milliseconds);
      if (options.sasl !== undefined) await connection.#authenticate(options.sasl, deadline);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  /** False once it has broken or was closed. */
  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Requests that have no answer yet. */
  get inFlight(): number {
    return this.#waiting.length;
  }

  /** Sends a request, whose body may be in parts, and answers the body of the response. Throws KAFKA_CONNECTION. */
  request({ key, version, flexible, plainResponse }: ApiVersion, body: readonly Uint8Array[], milliseconds: number): Promise<Response> {
    const socket = this.#socket;
    if (this.#failure !== undefined || socket === undefined) return Promise.reject(this.#failure ?? connectionError(this.address, 'is not open'));
    const correlation = this.#correlation++;
    const tags = flexible ? 1 : 0;
    const header = Buffer.allocUnsafe(LENGTH_BYTES + 8 + this.#clientId.length + tags);
    const bytes = body.reduce((sum, part) => sum + part.length, 0);
    header.writeInt32BE(header.length - LENGTH_BYTES + bytes, 0);
    header.writeInt16BE(key, 4);
    header.writeInt16BE(version, 6);
    header.writeInt32BE(correlation, 8);
    header.set(this.#clientId, 12);
    if (flexible) header[header.length - 1] = 0;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ correlation, flexible: flexible && plainResponse !== true, deadline: performance.now() + milliseconds, resolve, reject });
      this.#timer ??= setInterval(() => this.#checkDeadlines(), CHECK_MILLISECONDS).unref();
      socket.cork();
      socket.write(header);
      for (const part of body) socket.write(part);
      socket.uncork();
    });
  }

  /** Breaks off; what is in flight is rejected. */
  close(): void {
    this.#fail(connectionError(this.address, 'was closed'));
  }

  #connect(options: ConnectionOptions, milliseconds: number): Promise<void> {
    const { host, port, tls } = options;
    const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    const onread = {
      // The rest of a response is read to where it belongs.
      buffer: (): Uint8Array => this.#response?.subarray(this.#filled, this.#wanted) ?? scratch,
      callback: (length: number, buffer: Uint8Array): boolean => {
        if (buffer === scratch) this.#consume(scratch.subarray(0, length));
        else this.#advance(length);
        return true;
      },
    };
    return new Promise((resolve, reject) => {
      // RFC 6066 has no room for addresses in the server's name; a certificate for one is compared with it all the same.
      const named = isIP(host) === 0 ? { servername: host } : {};
      const socket = tls === undefined ? connectPlain({ host, port, onread }) : connectTls({ host, port, ...named, ...tls, onread } as object);
      socket.setNoDelay(true);
      this.#socket = socket;
      let isSecured = tls === undefined;
      socket.setTimeout(milliseconds, () => this.#fail(connectionError(this.address, `was not made within ${milliseconds} ms`)));
      socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
        isSecured = true;
        socket.setTimeout(0);
        resolve();
      });
      socket.on('error', (error: Error) => {
        const failure = socketError(this.address, error, isSecured);
        this.#fail(failure);
        reject(failure);
      });
      socket.on('close', () => {
        this.#fail(isSecured ? connectionError(this.address, 'was closed by the other side') : closedBeforeTls(this.address));
        reject(this.#failure as Error);
      });
    });
  }

  async #authenticate(sasl: Sasl, deadline: number): Promise<void> {
    const left = (): number => Math.max(1, deadline - performance.now());
    const handshake = await this.request(SASL_HANDSHAKE, [new RequestWriter().text16(sasl.mechanism).toBytes()], left());
    const refused = new ByteCursor(handshake.bytes).int16();
    handshake.release();
    if (refused !== 0) throw brokerError(refused, `asking ${this.address} for ${sasl.mechanism}`);
    await authenticate(sasl, async (message) => {
      const response = await this.request(SASL_AUTHENTICATE, [new RequestWriter().compactBytes(message).noTags().toBytes()], left());
      const cursor = new ByteCursor(response.bytes);
      const error = cursor.int16();
      cursor.take(Math.max(0, cursor.compactLength()));
      const answer = Uint8Array.from(cursor.take(Math.max(0, cursor.compactLength())));
      response.release();
      if (error !== 0) throw brokerError(error, `authenticating with ${this.address}`);
      return answer;
    });
  }

  /** Takes what has arrived apart into responses. */
  #consume(arrived: Uint8Array): void {
    for (let at = 0; at < arrived.length; ) {
      if (this.#response === undefined) {
        const taken = Math.min(LENGTH_BYTES - this.#prefixFilled, arrived.length - at);
        this.#prefix.set(arrived.subarray(at, at + taken), this.#prefixFilled);
        this.#prefixFilled += taken;
        at += taken;
        if (this.#prefixFilled < LENGTH_BYTES) return;
        this.#prefixFilled = 0;
        this.#wanted = this.#prefix.readInt32BE(0);
        this.#filled = 0;
        if (this.#wanted < LENGTH_BYTES || this.#wanted > MOST_RESPONSE_BYTES) {
          this.#fail(this.#noKafka());
          return;
        }
        this.#response = this.#pool.take(this.#wanted);
      }
      const taken = Math.min(this.#wanted - this.#filled, arrived.length - at);
      this.#response.set(arrived.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#advance(taken);
    }
  }

  #advance(bytes: number): void {
    this.#filled += bytes;
    if (this.#filled === this.#wanted) this.#answer();
  }

  #noKafka(): WeirError {
    // A TLS alert: its type, and the major version of the protocol.
    if (this.#prefix[0] === 0x15 && this.#prefix[1] === 3) return tlsError(this.address, 'broke, as the broker answered in TLS', 'Turn TLS on, or use the address of a plain listener.');
    return connectionError(this.address, 'broke, as the other side does not speak the protocol of Kafka');
  }

  #answer(): void {
    const buffer = this.#response!;
    this.#response = undefined;
    const waiting = this.#waiting.shift();
    if (waiting === undefined || buffer.readInt32BE(0) !== waiting.correlation) {
      this.#pool.give(buffer);
      const failure = connectionError(this.address, 'answered what was not asked');
      this.#fail(failure);
      waiting?.reject(failure);
      return;
    }
    const cursor = new ByteCursor(buffer.subarray(0, this.#wanted));
    cursor.at = LENGTH_BYTES;
    try {
      if (waiting.flexible) cursor.skipTags();
    } catch (failure) {
      this.#pool.give(buffer);
      this.#fail(failure);
      waiting.reject(failure);
      return;
    }
    let held = true;
    waiting.resolve({
      bytes: buffer.subarray(cursor.at, this.#wanted),
      release: () => {
        invariant(held, 'a response is released once');
        held = false;
        this.#pool.give(buffer);
      },
    });
  }

  #checkDeadlines(): void {
    const first = this.#waiting[0];
    if (first !== undefined && performance.now() > first.deadline) this.#fail(connectionError(this.address, 'did not answer in time'));
  }

  #fail(failure: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    clearInterval(this.#timer);
    this.#socket?.destroy();
    for (const waiting of this.#waiting.splice(0)) waiting.reject(failure);
  }
}
