import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { Announcement, View } from '@weir/views';
import { AnnouncedRows } from './announced-rows.ts';
import { CatalogSnapshots } from './catalog-snapshot.ts';
import type { ReadCatalog } from './catalog-snapshot.ts';
import { healthRoutes } from './health-routes.ts';
import { KeptAnswers } from './kept-answers.ts';
import { jobsRoute } from './jobs-route.ts';
import { Metrics } from './metrics.ts';
import { Refusal, handleError, problem, sendProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import { openFeeds, streamRoute } from './stream-route.ts';
import { viewsRoutes } from './views-routes.ts';
import type { ViewStore } from './view-store.ts';

/** The server with the types of its schemas. */
export type ServingApp = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>;

export interface ServingOptions {
  readonly views: readonly View[];
  readonly store: ViewStore;
  readonly catalog: ReadCatalog;
  /** What is announced of the views; without it each is asked for each time, and streams look for changes now and then. */
  readonly changes?: Changes;
  /** Folder of the built console; served when it is there. */
  readonly consoleFolder?: string;
  readonly version: string;
  /** Pause between two looks for changes of a streamed view. */
  readonly pollMilliseconds?: number;
  /** The level of the log; default none. */
  readonly logLevel?: string;
}

/** Announcements of what changes in views. */
export interface Changes {
  /** Whether every one of them arrives now. */
  readonly isHearing: () => boolean;
  readonly on: (heard: (announcement: Announcement) => void) => void;
}

const BODY_LIMIT_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MILLISECONDS = 15_000;
/** Above the heartbeat of a stream. */
const CONNECTION_TIMEOUT_MILLISECONDS = 60_000;

/** The serving API over a store of views and a catalog; not yet listening. */
export async function servingApp(options: ServingOptions): Promise<ServingApp> {
  const app: ServingApp = Fastify({
    logger: options.logLevel === undefined ? false : { level: options.logLevel },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    connectionTimeout: CONNECTION_TIMEOUT_MILLISECONDS,
    forceCloseConnections: true,
    // An unknown parameter is a mistake that the client should hear of.
    ajv: { customOptions: { removeAdditional: false } },
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  const { views, changes, version } = options;
  const store = new AnnouncedRows({ store: options.store });
  const catalog = new CatalogSnapshots(options.catalog, views);
  const feeds = openFeeds({
    views,
    store,
    catalog,
    onError: (error) => app.log.warn({ err: error }, 'a streamed view could not be read'),
    ...(options.pollMilliseconds === undefined ? {} : { pollMilliseconds: options.pollMilliseconds }),
  });
  const kept = new KeptAnswers({ store, isHearing: () => changes?.isHearing() === true });
  changes?.on(({ view, rows }) => {
    if (rows === undefined) {
      store.changed(view);
      kept.changed(view);
    } else kept.amend(view, store.announced(view, rows));
    feeds.get(view.name)?.changed();
  });
  const metrics = new Metrics(catalog, () => new Map([...feeds].map(([name, feed]) => [name, feed.clients])));

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(securityHeaders(request.url));
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.requested(request.routeOptions.url ?? 'unknown', request.method, reply.statusCode, reply.elapsedTime / 1000);
  });
  app.addHook('onClose', () => metrics.close());
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((request, reply) => sendProblem(reply, problem(404, 'SERVING_NOT_FOUND', `There is nothing at ${request.url.slice(0, 200)}. /docs tells what there is.`)));

  await documentation(app, version);
  const paths = new Set<string>();
  app.addHook('onRoute', ({ url }) => void paths.add(url));
  viewsRoutes(app, { views, store: kept, catalog, metrics });
  streamRoute(app, views, feeds, metrics);
  jobsRoute(app, catalog);
  healthRoutes(app, store, catalog);
  app.get('/metrics', { schema: { summary: 'Prometheus text', tags: ['operation'], produces: ['text/plain'], response: { 200: { type: 'string' } } } }, async (_request, reply) => {
    void reply.type('text/plain; version=0.0.4; charset=utf-8');
    return metrics.text();
  });
  for (const path of [...paths]) refuseWriting(app, path);
  await consolePage(app, options.consoleFolder);
  return app;
}

async function documentation(app: ServingApp, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Weir serving API', version, description: 'Views of two layers, merged: every event counts once, and every number says how far it can be trusted.' },
      tags: [
        { name: 'views', description: 'Ask views' },
        { name: 'operation', description: 'See how the platform is doing' },
      ],
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs', uiConfig: { deepLinking: true } });
}

/** All of this is read-only: other methods on a path that exists are told so. */
function refuseWriting(app: ServingApp, url: string): void {
  app.route({
    method: ['POST', 'PUT', 'PATCH', 'DELETE'],
    url,
    schema: { hide: true },
    onRequest: async (request, reply) => {
      void reply.header('allow', 'GET, HEAD');
      throw new Refusal(405, 'SERVING_METHOD_NOT_ALLOWED', `${request.method} is not possible here; use GET.`);
    },
    handler: () => undefined,
  });
}

async function consolePage(app: ServingApp, folder: string | undefined): Promise<void> {
  if (folder === undefined || !existsSync(folder)) return;
  // Files of the console are named by their contents, except for the page itself.
  await app.register(fastifyStatic, {
    root: folder,
    setHeaders: (reply, path) => void reply.header('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000, immutable'),
    cacheControl: false,
  });
}
