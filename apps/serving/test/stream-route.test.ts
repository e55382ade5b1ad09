import { connect } from 'node:net';
import { referenceViews } from '@weir/views';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryCatalog, MemoryViewStore } from './memory-views.ts';
import { listen } from '../src/listen.ts';
import { servingApp } from '../src/serving-app.ts';
import type { ServingApp } from '../src/serving-app.ts';

interface StreamEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: { readonly key?: string; readonly data?: { readonly cents: number }; readonly rows?: number };
}

let store: MemoryViewStore;
let app: ServingApp;
let url: string;
const open: AbortController[] = [];

beforeEach(async () => {
  store = new MemoryViewStore();
  app = await servingApp({ views: referenceViews, store, catalog: new MemoryCatalog(), version: '0.0.0', pollMilliseconds: 5 });
  url = `http://127.0.0.1:${await listen(app, '127.0.0.1', 0)}/v1/views/revenue-by-country/stream`;
});

afterEach(async () => {
  for (const controller of open.splice(0)) controller.abort();
  await app.close();
});

function put(key: string, cents: number, isLast = false): void {
  const others = (store.speed.get('revenue-by-country') ?? []).filter((row) => row.key !== key);
  store.speed.set('revenue-by-country', [...others, { key, start: 0, end: 10, isLast, data: { country: key, hour: 0, cents, units: 1, orders: 1 } }]);
}

async function stream(query = '', lastEventId?: string): Promise<{ next(): Promise<StreamEvent>; close(): void; status: number }> {
  const controller = new AbortController();
  open.push(controller);
  const answer = await fetch(`${url}${query}`, { signal: controller.signal, headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId } });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    status: answer.status,
    close: () => controller.abort(),
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end < 0) {
          const { value, done } = await reader.read();
          if (done) throw new Error('the stream ended');
          text += value;
          continue;
        }
        const frame = text.slice(0, end);
        text = text.slice(end + 2);
        const event = /^event: (.*)$/m.exec(frame)?.[1];
        if (event === undefined) continue;
        return { id: /^id: (.*)$/m.exec(frame)?.[1], event, data: JSON.parse(/^data: (.*)$/m.exec(frame)![1]!) as StreamEvent['data'] };
      }
    },
  };
}

const short = ({ event, data }: StreamEvent): string => `${event} ${data.key ?? data.rows ?? ''} ${data.data?.cents ?? ''}`.trim();

async function take(from: { next(): Promise<StreamEvent> }, count: number): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  while (events.length < count) events.push(await from.next());
  return events;
}

describe('GET /v1/views/{view}/stream', () => {
  it('begins with the newest rows and goes on with what changes', async () => {
    put('France', 1);
    const events = await stream();
    expect((await take(events, 3)).map(short)).toEqual(['reset 1', 'row France 1', 'ready']);
    put('France', 2);
    expect((await take(events, 1)).map(short)).toEqual(['row France 2']);
    put('Spain', 3);
    expect((await take(events, 1)).map(short)).toEqual(['row Spain 3']);
  });

  it('goes on after the last event that a client has seen, without beginning anew', async () => {
    const first = await stream();
    await take(first, 2);
    put('France', 1);
    const [seen] = await take(first, 1);
    put('Spain', 2);
    const [missed] = await take(first, 1);
    first.close();
    expect((await take(await stream('', seen!.id), 1))[0]).toEqual(missed);
    expect((await take(await stream(`?since=${seen!.id}`), 1))[0]).toEqual(missed);
  });

  it.each(['nonsense', '00000000-5', 'x-y'])('begins anew after an id that is not its own: %s', async (id) => {
    put('France', 1);
    expect((await take(await stream('', id), 3)).map(short)).toEqual(['reset 1', 'row France 1', 'ready']);
  });

  it('sends the rows of a key, or final ones, alone when asked', async () => {
    put('France', 1);
    put('Spain', 2, true);
    const spain = await stream('?key=Spain');
    const final = await stream('?finality=final');
    expect((await take(spain, 3)).map(short)).toEqual(['reset 1', 'row Spain 2', 'ready']);
    expect((await take(final, 3)).map(short)).toEqual(['reset 1', 'row Spain 2', 'ready']);
    put('France', 5);
    put('Spain', 6, true);
    expect((await take(spain, 1)).map(short)).toEqual(['row Spain 6']);
    expect((await take(final, 1)).map(short)).toEqual(['row Spain 6']);
  });

  it('looks once for all clients, and not at all without any', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => stream()));
    for (const client of clients) await take(client, 2);
    put('France', 1);
    for (const client of clients) expect((await take(client, 1)).map(short)).toEqual(['row France 1']);
    for (const client of clients) client.close();
    while (!(await metricsText()).includes('view="revenue-by-country"} 0')) await new Promise((resolve) => setTimeout(resolve, 5));
    // A look that was under way when the last one left may still end.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const looks = store.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(store.asked.length).toBe(looks);
  });

  it('refuses more clients than it allows', async () => {
    const statuses: number[] = [];
    for (let client = 0; client < 65; client++) statuses.push((await stream()).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(64);
    expect(statuses.at(-1)).toBe(429);
  });

  it('keeps nothing for a client that does not read, and lets it begin anew when it does', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`GET ${new URL(url).pathname} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const until = async (what: RegExp): Promise<void> => {
      while (!what.test(text)) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(/event: ready/);
    socket.pause();
    // Far more than the sockets of both sides hold.
    const filler = 'x'.repeat(3_000);
    const other = await stream(`?limit=0`);
    await take(other, 2);
    for (let turn = 1; turn <= 6; turn++) {
      for (let row = 0; row < 1_900; row++) put(`${row} ${filler}`, turn);
      let last = await other.next();
      while (!(last.data.key?.startsWith('1899 ') === true && last.data.data?.cents === turn)) last = await other.next();
    }
    text = '';
    socket.resume();
    await until(/event: reset[^]*event: ready/);
    socket.destroy();
  });

  it('goes on after the store has failed for a while', async () => {
    const events = await stream();
    await take(events, 2);
    store.failure = new Error('gone');
    await new Promise((resolve) => setTimeout(resolve, 20));
    store.failure = null;
    put('France', 1);
    expect((await take(events, 1)).map(short)).toEqual(['row France 1']);
  });

  it('lets the server close while streams are open', async () => {
    const events = await stream();
    await take(events, 2);
    await app.close();
    await expect(events.next()).rejects.toThrow();
  });
});

async function metricsText(): Promise<string> {
  return (await app.inject('/metrics')).body;
}
