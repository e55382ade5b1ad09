import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '@weir/model';
import { objectOf, unexpected } from './wire.ts';
import type { Answer } from './wire.ts';

/** Where the registry is, and how long it is waited for. */
export interface RequestOptions {
  /** Where the registry is; several stand for each other, and are tried in turn. May hold the user and the password. */
  readonly url: string | readonly string[];
  /** How long one try may take, in milliseconds. Default 5,000. */
  readonly deadlineMilliseconds?: number;
  /** How long all tries of a call may take together, in milliseconds. Default 30,000. */
  readonly budgetMilliseconds?: number;
}

/** What the registry says no with: the HTTP status, and its own finer code. */
export interface Refused {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const MAX_ANSWER_BYTES = 16 * 1_024 * 1_024;
const FIRST_PAUSE_MILLISECONDS = 50;
const LONGEST_PAUSE_MILLISECONDS = 2_000;

interface Server {
  readonly base: string;
  readonly authorization: string | undefined;
}

/** Calls to the registry's REST interface: each with a deadline, tried again with growing pauses while the registry cannot answer. */
export class Requests {
  readonly #servers: readonly Server[];
  readonly #deadline: number;
  readonly #budget: number;
  #turn = 0;

  /** Throws SCHEMA_REGISTRY_URL. */
  constructor({ url, deadlineMilliseconds = 5_000, budgetMilliseconds = 30_000 }: RequestOptions) {
    this.#servers = (typeof url === 'string' ? [url] : url).map(serverOf);
    if (this.#servers.length === 0) throw badUrl('no URL is given');
    this.#deadline = deadlineMilliseconds;
    this.#budget = budgetMilliseconds;
  }

  /** What the registry answers; `Refused` when it says no. Throws SCHEMA_REGISTRY_UNREACHABLE, SCHEMA_REGISTRY_DENIED and SCHEMA_REGISTRY_ANSWER. */
  async call(method: 'GET' | 'POST', path: string, body?: string): Promise<{ readonly answer: unknown } | { readonly refused: Refused }> {
    const giveUp = performance.now() + this.#budget;
    for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(LONGEST_PAUSE_MILLISECONDS, pause * 2)) {
      const server = this.#servers[this.#turn % this.#servers.length]!;
      try {
        return await this.#tried(server, method, path, body, Math.min(this.#deadline, Math.ceil(Math.max(1, giveUp - performance.now()))));
      } catch (error) {
        if (!(error instanceof WeirError) || !error.retryable || performance.now() + pause > giveUp) throw error;
        this.#turn++;
        // With jitter, so that clients do not come back together.
        await sleep(pause / 2 + Math.random() * pause);
      }
    }
  }

  async #tried({ base, authorization }: Server, method: string, path: string, body: string | undefined, milliseconds: number): Promise<{ readonly answer: unknown } | { readonly refused: Refused }> {
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { accept: `${CONTENT_TYPE}, application/json`, ...(body === undefined ? {} : { 'content-type': CONTENT_TYPE }), ...(authorization === undefined ? {} : { authorization }) },
        signal: AbortSignal.timeout(milliseconds),
        ...(body === undefined ? {} : { body }),
      });
      status = response.status;
      text = await textOf(response);
    } catch (error) {
      if (error instanceof WeirError) throw error;
      throw unreachable(base, messageOf(error), error);
    }
    if (status >= 500 || status === 429 || status === 408) throw unreachable(base, `status ${status}, ${text.slice(0, 200)}`);
    if (status === 401 || status === 403) {
      throw new WeirError('SCHEMA_REGISTRY_DENIED', `The schema registry at ${base} refuses with status ${status}.`, { remedy: 'Give the user and the password that it knows, with the right to do this.' });
    }
    const answer = parsed(text);
    return status < 400 ? { answer } : { refused: refusalOf(status, objectOf(answer)) };
  }
}

function refusalOf(status: number, answer: Answer): Refused {
  const { error_code: code, message } = answer;
  return { status, code: typeof code === 'number' ? code : status, message: typeof message === 'string' ? message : '' };
}

/** The body, as long as it is not too long to be a schema. */
async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += (part as Uint8Array).length;
    if (length > MAX_ANSWER_BYTES) throw unexpected(`more than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unexpected('something that is not JSON');
  }
}

function serverOf(text: string): Server {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badUrl('it is no URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw badUrl(`its protocol is ${url.protocol}`);
  const { username, password } = url;
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { base: `${url.origin}${url.pathname.replace(/\/$/, '')}`, authorization: credentials === ':' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badUrl('the user or the password in it has a % that is not %25');
  }
}

/** Does not quote the URL, which may hold a password. */
function badUrl(what: string): WeirError {
  return new WeirError('SCHEMA_REGISTRY_URL', `The URL of the schema registry cannot be used: ${what}.`, { remedy: 'Give one such as http://registry:8081.' });
}

function unreachable(base: string, why: string, cause?: unknown): WeirError {
  return new WeirError('SCHEMA_REGISTRY_UNREACHABLE', `The schema registry at ${base} does not answer: ${why}.`, { remedy: 'Check that it runs and that the URL is right.', retryable: true, cause });
}

/** A request that fails says why in its cause. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : messageOf(error.cause);
}
