import { connect, createServer } from 'node:net';

const LOWEST_PORT = 20_000;
const PORTS = 12_000;

/** A free port of this machine for each name. Below the ports that the system gives out by itself, so that it is still free when it is taken. */
export async function freePorts(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort(new Set(ports.values())));
  return ports;
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
}

/** Whether somebody takes connections there. */
export async function accepts(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      answer(true);
    });
    socket.once('error', () => answer(false));
  });
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}
