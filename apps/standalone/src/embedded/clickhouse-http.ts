import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClickHouseEngine, EngineAnswer } from './clickhouse-engine.ts';
import { DATABASE } from './clickhouse-engine.ts';
import { engineError, httpError } from './engine-error.ts';
import type { InsertFiles, InsertStatement } from './insert-file.ts';
import { insertOfFile, insertStatement } from './insert-file.ts';

/** The longest body that is no insert with its statement in the URL, and the most that all such may hold together. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** How far into a body the statement of an insert may reach. */
const MAX_STATEMENT_BYTES = 64 * 1024;

/** What the URL may say that is neither a setting nor of any effect here: there are no users, sessions or progress headers. */
const NOT_A_SETTING = /^(query|database|default_format|query_id|user|password|quota_key|role|wait_end_of_query|buffer_size|stacktrace|client_protocol_version|send_progress_in_http_headers|enable_http_compression|param_.*|http_.*)$/;
const REFUSED = ['session_id', 'compress', 'decompress'];

const FORMAT = /\bFORMAT\s+(\w+)/gi;
const TYPES: Readonly<Record<string, string>> = {
  JSON: 'application/json; charset=UTF-8',
  JSONCompact: 'application/json; charset=UTF-8',
  JSONEachRow: 'application/x-ndjson; charset=UTF-8',
  JSONCompactEachRow: 'application/x-ndjson; charset=UTF-8',
  CSV: 'text/csv; charset=UTF-8; header=absent',
  RowBinary: 'application/octet-stream',
  Native: 'application/octet-stream',
};

/** As much of ClickHouse's HTTP interface as its stock client uses, over an engine. */
export class ClickHouseHttp {
  readonly #engine: ClickHouseEngine;
  readonly #files: InsertFiles;
  #heldBytes = 0;

  constructor(engine: ClickHouseEngine, files: InsertFiles) {
    this.#engine = engine;
    this.#files = files;
  }

  /** Answers one request; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseBrowsers(request);
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      if (url.pathname === '/ping') response.end('Ok.\n');
      else if (url.pathname === '/') await this.#answer(request, response, url.searchParams);
      else throw engineError(291, 'DATABASE_ACCESS_DENIED', `There is no handler for ${url.pathname}`);
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      const { status, code, text } = httpError(error);
      // A body that was not read to its end cannot be followed by another request.
      if (!request.complete) response.setHeader('Connection', 'close');
      response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8', 'X-ClickHouse-Exception-Code': String(code) });
      response.end(`${text}\n`);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, url: URLSearchParams): Promise<void> {
    const unsupported = REFUSED.find((name) => url.has(name) && url.get(name) !== '0');
    if (unsupported !== undefined) throw engineError(48, 'NOT_IMPLEMENTED', `'${unsupported}' is not supported here`);
    if (request.headers['content-encoding'] !== undefined) throw engineError(48, 'NOT_IMPLEMENTED', 'Compressed requests are not taken here');
    const query = url.get('query') ?? '';
    const insert = request.method === 'POST' ? insertStatement(query) : undefined;
    if (insert !== undefined) {
      await this.#insert(await this.#files.keep(request), insert, response, url);
      return;
    }
    await this.#withBody(request, async (body) => {
      const inBody = query === '' ? insertStatement(body.toString('latin1', 0, MAX_STATEMENT_BYTES)) : undefined;
      if (inBody !== undefined && inBody.length < body.length) {
        const named = insertStatement(body.toString('utf8', 0, inBody.length))!;
        await this.#insert(await this.#files.keep(body.subarray(inBody.length)), named, response, url);
        return;
      }
      const sql = [query, body.toString()].filter((part) => part !== '').join('\n');
      if (sql === '') response.end('Ok.\n');
      // As on a server, GET changes nothing.
      else await this.#run(sql, response, url, request.method === 'GET' ? { readonly: '2' } : {});
    });
  }

  async #insert(path: string, insert: InsertStatement, response: ServerResponse, url: URLSearchParams): Promise<void> {
    try {
      const answer = await this.#engine.run({ ...asked(url), sql: insertOfFile(insert, path), insertsFile: true }, () => !response.destroyed);
      response.writeHead(200, { ...headers(url), 'X-ClickHouse-Summary': summary({ written: answer }) });
      response.end();
    } finally {
      this.#files.remove(path);
    }
  }

  async #run(sql: string, response: ServerResponse, url: URLSearchParams, more: Readonly<Record<string, string>>): Promise<void> {
    const query = asked(url);
    const answer = await this.#engine.run({ ...query, settings: { ...query.settings, ...more }, sql, insertsFile: false }, () => !response.destroyed);
    const format = [...sql.matchAll(FORMAT)].at(-1)?.[1] ?? query.format;
    response.writeHead(200, {
      ...headers(url),
      'Content-Type': TYPES[format] ?? 'text/plain; charset=UTF-8',
      'X-ClickHouse-Format': format,
      'X-ClickHouse-Summary': summary({ read: answer }),
    });
    response.end(answer.bytes);
  }

  /** Reads a body into memory for as long as `work` takes. */
  async #withBody(request: IncomingMessage, work: (body: Buffer) => Promise<void>): Promise<void> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        this.#heldBytes += chunk.length;
        if (length > MAX_BODY_BYTES) throw engineError(307, 'TOO_MANY_BYTES', `The body is longer than ${MAX_BODY_BYTES} bytes`);
        if (this.#heldBytes > MAX_HELD_BYTES) throw engineError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'The waiting requests are too large together');
        chunks.push(chunk);
      }
      await work(Buffer.concat(chunks));
    } finally {
      this.#heldBytes -= length;
    }
  }
}

/** A page in a browser can send requests to this machine: none of them is answered, nor one for a name that was bent to it. */
function refuseBrowsers({ headers: sent }: IncomingMessage): void {
  const host = (sent.host ?? '').replace(/:\d+$/, '');
  if (sent.origin === undefined && sent['sec-fetch-site'] === undefined && (host === '127.0.0.1' || host === 'localhost')) return;
  throw engineError(291, 'DATABASE_ACCESS_DENIED', 'Requests of web pages are not taken');
}

function asked(url: URLSearchParams): { format: string; database: string; parameters: Record<string, string>; settings: Record<string, string> } {
  const entries = [...url];
  return {
    format: url.get('default_format') ?? 'TabSeparated',
    database: url.get('database') ?? DATABASE,
    parameters: Object.fromEntries(entries.filter(([name]) => name.startsWith('param_')).map(([name, value]) => [name.slice('param_'.length), value])),
    settings: Object.fromEntries(entries.filter(([name]) => !NOT_A_SETTING.test(name) && !REFUSED.includes(name))),
  };
}

function headers(url: URLSearchParams): Record<string, string> {
  return { 'X-ClickHouse-Query-Id': url.get('query_id') ?? randomUUID(), 'X-ClickHouse-Server-Display-Name': 'embedded' };
}

function summary({ read, written }: { readonly read?: EngineAnswer; readonly written?: EngineAnswer }): string {
  return JSON.stringify({
    read_rows: String(read?.rows ?? 0),
    read_bytes: String(read?.rowBytes ?? 0),
    written_rows: String(written?.rows ?? 0),
    written_bytes: String(written?.rowBytes ?? 0),
    elapsed_ns: String(Math.round((read ?? written)!.elapsedSeconds * 1e9)),
  });
}
