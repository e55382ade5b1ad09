import type { View } from '@weir/views';
import type { CatalogSnapshots } from './catalog-snapshot.ts';
import type { Metrics } from './metrics.ts';
import { Refusal } from './problem.ts';
import { DEFAULT_LIMIT, StreamQuerystring, ViewParams, problems } from './schemas.ts';
import { securityHeaders } from './security-headers.ts';
import type { ServingApp } from './serving-app.ts';
import { settledUpTo } from './settled.ts';
import { StreamClient } from './stream-client.ts';
import { ViewFeed } from './view-feed.ts';
import type { ReadNewest } from './view-feed.ts';
import type { ViewStore } from './view-store.ts';
import { viewNamed } from './views-routes.ts';

/** A feed for each view. */
export type Feeds = ReadonlyMap<string, ViewFeed>;

export interface FeedsOptions {
  readonly views: readonly View[];
  readonly store: ViewStore;
  readonly catalog: CatalogSnapshots;
  readonly onError: (error: unknown) => void;
  readonly pollMilliseconds?: number;
}

export function openFeeds({ views, store, catalog, ...options }: FeedsOptions): Feeds {
  const read: ReadNewest = async (view, limit) => {
    const snapshot = await catalog.current();
    const ownership = snapshot.ownership.get(view.name) ?? null;
    return store.rows(view, { ownership, limit, finality: 'any', newestFirst: true, settledUpTo: settledUpTo(view, snapshot) });
  };
  return new Map(views.map((view) => [view.name, new ViewFeed({ view, read, ...options })]));
}

const DESCRIPTION = [
  'Server-sent events. `reset` begins with the newest rows (`row` each) up to `ready`; then `row` for each row that is new or has changed,',
  '`removed` for one that is withdrawn (its session was merged into another), and `gap` when more rows have passed than a stream watches:',
  'ask the view itself for those between `from` and `to`. Reconnect with Last-Event-ID to go on where you were; the newest 2,000 rows are watched.',
].join(' ');

/** GET /v1/views/{view}/stream. */
export function streamRoute(app: ServingApp, views: readonly View[], feeds: Feeds, metrics: Metrics): void {
  const open = new Set<StreamClient>();
  app.addHook('preClose', () => {
    for (const client of open) client.end();
  });

  app.get(
    '/v1/views/:view/stream',
    { exposeHeadRoute: false, schema: { summary: 'Changes of a view as they happen', description: DESCRIPTION, tags: ['views'], produces: ['text/event-stream'], params: ViewParams, querystring: StreamQuerystring, response: problems } },
    async (request, reply) => {
      const { name } = viewNamed(views, request.params.view);
      const feed = feeds.get(name)!;
      if (feed.full) throw new Refusal(429, 'SERVING_STREAMS_FULL', `View '${name}' has as many streams as the server allows. Ask the view itself, or try again later.`);
      await feed.ready();
      const header = request.headers['last-event-id'];
      reply.hijack();
      reply.raw.writeHead(200, { ...securityHeaders(request.url), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      reply.raw.write('retry: 2000\n\n');
      const client = new StreamClient({
        feed,
        response: reply.raw,
        limit: request.query.limit ?? DEFAULT_LIMIT,
        key: request.query.key,
        finality: request.query.finality ?? 'any',
        lastEventId: typeof header === 'string' ? header : request.query.since,
      });
      open.add(client);
      reply.raw.on('close', () => open.delete(client));
      metrics.requested('/v1/views/:view/stream', 'GET', 200, reply.elapsedTime / 1000);
      client.wake();
    },
  );
}
