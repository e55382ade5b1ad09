import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ChangeListener } from './change-listener.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A message of Postgres's protocol: its type, its length and a body. */
function message(type: string, body: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

const AUTHENTICATED = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const LISTENS = message('C', Buffer.from('LISTEN\0'));
const SHUT_DOWN = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'));

/** A server that lets everybody in, and then says these things to whoever has begun to listen. */
async function serverSaying(...messages: readonly Buffer[]): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.concat([AUTHENTICATED, READY]));
      socket.once('data', () => socket.write(Buffer.concat([LISTENS, READY, ...messages])));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return `postgres://weir@127.0.0.1:${(server.address() as AddressInfo).port}/weir`;
}

describe('a listener', () => {
  it('outlives several errors of one connection', async () => {
    const url = await serverSaying(SHUT_DOWN, SHUT_DOWN);
    const warned = Promise.withResolvers<string>();
    const listener = new ChangeListener({ url, onChange: () => undefined, warn: warned.resolve });
    closing.unshift(() => listener.close());
    expect(await warned.promise).toContain('terminating connection');
    expect(listener.isHearing).toBe(false);
  });
});
