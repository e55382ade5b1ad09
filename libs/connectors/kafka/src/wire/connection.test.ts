import { WeirError } from '@weir/model';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Connection } from './connection.ts';
import type { ApiVersion } from './connection.ts';

const PLAIN: ApiVersion = { key: 3, version: 1, flexible: false };
const FLEXIBLE: ApiVersion = { key: 3, version: 12, flexible: true };

const opened: { close(): void }[] = [];
afterEach(() => opened.splice(0).forEach((each) => each.close()));

/** A server that is given each request, and a connection to it. */
async function pair(answer: (socket: Socket, request: Buffer) => void): Promise<Connection> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.setNoDelay());
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined).on('data', (arrived: Buffer) => {
      rest = Buffer.concat([rest, arrived]);
      for (; rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0); rest = rest.subarray(4 + rest.readInt32BE(0))) answer(socket, rest.subarray(4, 4 + rest.readInt32BE(0)));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const connection = await Connection.open({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, clientId: 'test' });
  opened.push(connection, { close: () => (sockets.forEach((socket) => socket.destroy()), server.close()) });
  return connection;
}

const correlationOf = (request: Buffer): number => request.readInt32BE(4);

/** A response: its length, the correlation id and a body. */
function frame(correlation: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length);
  head.writeInt32BE(correlation, 4);
  return Buffer.concat([head, body]);
}

async function bodyOf(connection: Connection, api = PLAIN, milliseconds = 5_000): Promise<string> {
  const response = await connection.request(api, [Buffer.from('request')], milliseconds);
  const text = Buffer.from(response.bytes).toString();
  response.release();
  return text;
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof WeirError ? error.message : String(error)),
  );
}

describe('a connection', () => {
  it('takes responses apart wherever they are cut, and several that come at once', async () => {
    const waiting: Buffer[] = [];
    const connection = await pair((socket, request) => {
      waiting.push(request);
      if (waiting.length < 3) return;
      const all = Buffer.concat(waiting.splice(0).map((each, i) => frame(correlationOf(each), Buffer.from(`body ${i} `.repeat(i + 1)))));
      void (async () => {
        // One byte at a time, then the rest.
        for (let at = 0; at < 40; at++) await new Promise<void>((sent) => void socket.write(all.subarray(at, at + 1), () => setImmediate(sent)));
        socket.write(all.subarray(40));
      })();
    });
    for (let round = 0; round < 3; round++) {
      // None is answered before all three are sent: requests are not held back for answers.
      expect(await Promise.all([bodyOf(connection), bodyOf(connection), bodyOf(connection)])).toEqual(['body 0 ', 'body 1 body 1 ', 'body 2 body 2 body 2 ']);
    }
    expect(connection.inFlight).toBe(0);
  });

  it('reads responses that are larger than a read, and keeps those that were not released', async () => {
    const size = 300_000;
    const connection = await pair((socket, request) => socket.write(frame(correlationOf(request), Buffer.alloc(size, correlationOf(request)))));
    const held = [];
    for (let i = 0; i < 4; i++) held.push(await connection.request(PLAIN, [], 5_000));
    held.forEach(({ bytes, release }, i) => {
      expect(bytes.length).toBe(size);
      expect(bytes.every((byte) => byte === i)).toBe(true);
      release();
      expect(release).toThrow('a response is released once');
    });
  });

  it('that is answered under another number is given up, with all that waits', async () => {
    const connection = await pair((socket, request) => socket.write(Buffer.concat([frame(correlationOf(request) + 7, Buffer.from('of whom?')), frame(correlationOf(request) + 1, Buffer.alloc(0))])));
    const failures = await Promise.all([failureOf(bodyOf(connection)), failureOf(bodyOf(connection))]);
    for (const failure of failures) expect(failure).toMatch(/^KAFKA_CONNECTION: .*answered what was not asked/);
    expect(connection.isOpen).toBe(false);
    expect(await failureOf(bodyOf(connection))).toMatch(/^KAFKA_CONNECTION: /);
  });

  it('is given up when an answer does not come in time, has a length that cannot be, or ends in its header', async () => {
    const mute = await pair(() => undefined);
    expect(await failureOf(bodyOf(mute, PLAIN, 20))).toMatch(/^KAFKA_CONNECTION: .*did not answer in time/);
    expect(mute.isOpen).toBe(false);
    const endless = await pair((socket) => socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])));
    expect(await failureOf(bodyOf(endless))).toMatch(/^KAFKA_CONNECTION: .*does not speak the protocol of Kafka/);
    const cut = await pair((socket, request) => socket.write(frame(correlationOf(request), new Uint8Array(0))));
    expect(await failureOf(bodyOf(cut, FLEXIBLE))).toMatch(/^KAFKA_CONNECTION: A broker sent an answer that cannot be read/);
    expect(cut.isOpen).toBe(false);
  });

  it('rejects what is in flight when it is closed, by either side', async () => {
    const hanging = await pair(() => undefined);
    const own = failureOf(bodyOf(hanging));
    hanging.close();
    expect(await own).toMatch(/^KAFKA_CONNECTION: .*was closed/);
    const ended = await pair((socket) => socket.end());
    expect(await failureOf(bodyOf(ended))).toMatch(/^KAFKA_CONNECTION: .*was closed by the other side/);
  });
});
