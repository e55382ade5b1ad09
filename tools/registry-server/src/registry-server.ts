import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLevel } from './avro-rule.ts';
import { RefusedRequest, Subjects } from './subjects.ts';
import type { Reference, StoredSchema } from './subjects.ts';

/** Whom the registry answers. */
export interface RegistryServerOptions {
  /** When given, requests without these are refused with status 401. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** What to do instead of answering: an HTTP status, an answer that is no answer, a connection that ends, or silence. */
export type Failure = number | 'garbage' | 'drop' | 'silence';

/** A registry that runs, and that can be made to fail. */
export interface RegistryServer {
  readonly url: string;
  /** `METHOD path` of all requests so far. */
  readonly requests: readonly string[];
  /** The next requests fail so, in this order. */
  fail(...failures: readonly Failure[]): void;
  /** Requests are answered from now on. */
  recover(): void;
  close(): Promise<void>;
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/** Starts a schema registry with the part of Confluent's REST interface that clients of topics use, in memory, on a free port of 127.0.0.1. */
export async function startRegistryServer({ credentials }: RegistryServerOptions = {}): Promise<RegistryServer> {
  const subjects = new Subjects();
  const requests: string[] = [];
  const failures: Failure[] = [];
  const authorization = credentials === undefined ? undefined : `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const failure = failures.shift();
    if (failure !== undefined) failed(failure, response);
    else if (authorization !== undefined && request.headers.authorization !== authorization) reply(response, 401, { error_code: 401, message: 'Unauthorized' });
    else void answer(subjects, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (...next) => void failures.push(...next),
    recover: () => void failures.splice(0),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function failed(failure: Failure, response: ServerResponse): void {
  if (failure === 'drop') response.destroy();
  else if (failure === 'garbage') response.end('<html>');
  else if (failure !== 'silence') reply(response, failure, { error_code: failure, message: 'failed as asked' });
}

async function answer(subjects: Subjects, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    reply(response, 200, route(subjects, request, text === '' ? {} : (JSON.parse(text) as Body)));
  } catch (error) {
    if (error instanceof RefusedRequest) reply(response, error.status, { error_code: error.code, message: error.message });
    else reply(response, 422, { error_code: 42201, message: String(error) });
  }
}

interface Body {
  readonly schema?: unknown;
  readonly schemaType?: string;
  readonly references?: readonly Reference[];
  readonly compatibility?: unknown;
}

function route(subjects: Subjects, request: IncomingMessage, body: Body): unknown {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
  const [room, ...rest] = pathname.slice(1).split('/').map(decodeURIComponent);
  const path = `${request.method ?? ''} ${room ?? ''} ${rest.length}`;
  switch (path) {
    case 'GET schemas 2':
      return schemaOf(subjects.byId(Number(rest[1])));
    case 'GET subjects 0':
      return subjects.names;
    case 'GET subjects 2':
      return subjects.versionsOf(rest[0]!).map((_, index) => index + 1);
    case 'GET subjects 3': {
      const { version, stored } = subjects.version(rest[0]!, rest[2]!);
      return { subject: rest[0], version, id: stored.id, ...schemaOf(stored) };
    }
    case 'POST subjects 2':
      return { id: subjects.register(rest[0]!, schemaIn(body), body.schemaType ?? 'AVRO', body.references ?? []).id };
    case 'POST compatibility 4': {
      const { stored } = subjects.version(rest[1]!, rest[3]!);
      const messages = subjects.violations(rest[1]!, schemaIn(body), body.schemaType ?? 'AVRO', [stored], body.references ?? []);
      return { is_compatible: messages.length === 0, messages };
    }
    case 'GET config 0':
      return { compatibilityLevel: subjects.level };
    case 'GET config 1':
      return { compatibilityLevel: levelOf(subjects, rest[0]!, searchParams.get('defaultToGlobal') === 'true') };
    case 'PUT config 0':
    case 'PUT config 1': {
      const { compatibility } = body;
      if (!isLevel(compatibility)) throw new RefusedRequest(42203, 'Invalid compatibility level');
      if (rest.length === 0) subjects.level = compatibility;
      else subjects.levels.set(rest[0]!, compatibility);
      return { compatibility };
    }
    default:
      throw new RefusedRequest(404, 'HTTP 404 Not Found');
  }
}

/** A subject without a rule of its own has the one of all, for those who ask so. */
function levelOf(subjects: Subjects, subject: string, defaultsToGlobal: boolean): string {
  const own = subjects.levels.get(subject) ?? (defaultsToGlobal ? subjects.level : undefined);
  if (own === undefined) throw new RefusedRequest(40408, `Subject '${subject}' does not have subject-level compatibility configured`);
  return own;
}

function schemaIn({ schema }: Body): string {
  if (typeof schema !== 'string') throw new RefusedRequest(42201, 'Invalid schema: none is given');
  return schema;
}

/** Avro is not spelled out, and no list of references when there are none. */
function schemaOf({ schema, type, references }: StoredSchema): object {
  return { schema, ...(type === 'AVRO' ? {} : { schemaType: type }), ...(references.length === 0 ? {} : { references }) };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': CONTENT_TYPE });
  response.end(JSON.stringify(body));
}
