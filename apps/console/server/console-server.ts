import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { WeirError } from '@weir/model';
import Fastify, { LogController } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { forward } from './forward.ts';
import { PROBLEM_TYPE, problem } from './problem.ts';

/** What the console serves, and whom it asks. */
export interface ConsoleOptions {
  /** Folder of the built page. */
  readonly folder: string;
  /** Where the serving API is. */
  readonly serving: URL;
  /** The level of the log; default none. */
  readonly logLevel?: string;
}

const MOST_CONNECTIONS = 1_000;
const BODY_LIMIT_BYTES = 1_024;
/** As serving's own: nothing but files of ours, no frame around it. What is passed on has the headers that serving gave it. */
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};
/** What the page asks, what it links to, and whether serving is ready. */
const PASSED_ON = ['/v1/*', '/docs', '/docs/*', '/health/ready'];

/** The page, and the serving API behind it on the same origin; not yet listening. Throws CONSOLE_NOT_BUILT. */
export async function consoleServer({ folder, serving, logLevel }: ConsoleOptions): Promise<FastifyInstance> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new WeirError('CONSOLE_NOT_BUILT', 'The page of the console has not been built.', { remedy: 'Run node apps/console/build.ts.' });
  }
  const app = Fastify({
    logger: logLevel === undefined ? false : { level: logLevel },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    // Streams do not end by themselves.
    forceCloseConnections: true,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  for (const url of PASSED_ON) {
    app.get(url, (request, reply) => {
      if (!isPlainPath(request.raw.url ?? '')) return reply.callNotFound();
      reply.hijack();
      forward(request.raw, reply.raw, serving);
    });
  }
  app.get('/health/live', () => ({ status: 'live' }));
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).headers(PAGE_HEADERS).type(PROBLEM_TYPE).send(problem(404, 'CONSOLE_NOT_FOUND', 'Not found', `There is nothing to ${request.method} at ${request.url.slice(0, 200)}. The page is at /.`)),
  );
  // Files of the page are named by their contents, except for itself.
  await app.register(fastifyStatic, {
    root: folder,
    setHeaders: (reply, path) => void reply.header('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000, immutable').headers(PAGE_HEADERS),
    cacheControl: false,
  });
  return app;
}

/** Whether it is a path as it stands: one that names a host, or that leads elsewhere once its dots are resolved, is not. */
function isPlainPath(asked: string): boolean {
  const base = 'http://console';
  return URL.parse(asked, base)?.href === `${base}${asked}`;
}
