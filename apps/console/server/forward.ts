import { request as requestHttp } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream';
import { PROBLEM_TYPE, problem } from './problem.ts';

/** Headers that speak of one connection and are not passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
/** Longer than the pause between two heartbeats of a stream. */
const SILENCE_MILLISECONDS = 60_000;

/**
 * Passes a GET or HEAD on to the serving API, and what it answers back, as it comes: a stream stays one, and ends there when its reader is
 * gone here. Answers 502 with CONSOLE_SERVING_UNREACHABLE when it gives no answer.
 */
export function forward(asked: IncomingMessage, answer: ServerResponse, serving: URL): void {
  const request = serving.protocol === 'https:' ? requestHttps : requestHttp;
  const path = `${serving.pathname.replace(/\/+$/, '')}${asked.url ?? '/'}`;
  const auth = serving.username === '' ? undefined : `${decodeURIComponent(serving.username)}:${decodeURIComponent(serving.password)}`;
  const passed = request({ protocol: serving.protocol, host: serving.hostname, port: serving.port, auth, method: asked.method, path, headers: { ...endToEnd(asked.headers), host: serving.host } });
  passed.setTimeout(SILENCE_MILLISECONDS, () => passed.destroy(new Error('it did not answer in time')));
  passed.once('response', (answered) => {
    answer.writeHead(answered.statusCode ?? 502, endToEnd(answered.headers));
    // A stream's first bytes may take a while; its reader is told at once that it is open.
    answer.flushHeaders();
    // One that breaks breaks the other, and who reads opens it again.
    pipeline(answered, answer, () => undefined);
  });
  passed.on('error', (error) => {
    if (answer.headersSent || answer.destroyed) return;
    answer.writeHead(502, { 'content-type': PROBLEM_TYPE });
    answer.end(problem(502, 'CONSOLE_SERVING_UNREACHABLE', 'Bad gateway', `The serving API gives no answer: ${error.message}. Start it, or see where --serving points.`));
  });
  answer.once('close', () => passed.destroy());
  passed.end();
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.has(name)));
}
