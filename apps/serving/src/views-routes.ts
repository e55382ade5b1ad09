import { decodeCursor, cursorAfter, encodeCursor } from '@weir/views';
import type { View } from '@weir/views';
import type { ServingApp } from './serving-app.ts';
import type { CatalogSnapshots } from './catalog-snapshot.ts';
import type { Metrics } from './metrics.ts';
import { Refusal } from './problem.ts';
import { rowJson } from './row-json.ts';
import { DEFAULT_LIMIT, Page, ViewList, ViewParams, ViewQuerystring, problems } from './schemas.ts';
import { settledUpTo } from './settled.ts';
import type { ViewStore } from './view-store.ts';

export interface ViewsRoutesOptions {
  readonly views: readonly View[];
  readonly store: ViewStore;
  readonly catalog: CatalogSnapshots;
  readonly metrics: Metrics;
}

/** The view of a name, or a refusal that names those that there are. */
export function viewNamed(views: readonly View[], name: string): View {
  const found = views.find((view) => view.name === name);
  if (found !== undefined) return found;
  throw new Refusal(404, 'SERVING_VIEW_UNKNOWN', `There is no view '${name}'. There are ${views.map((view) => view.name).join(', ')}.`, 'view');
}

/** GET /v1/views and GET /v1/views/{view}. */
export function viewsRoutes(app: ServingApp, { views, store, catalog, metrics }: ViewsRoutesOptions): void {
  app.get('/v1/views', { schema: { summary: 'The views that are served', tags: ['views'], response: { 200: ViewList, ...problems } } }, async () => {
    const { ownership } = await catalog.current();
    return {
      views: views.map(({ name, description, pipeline, windows, allowedLateness, schema }) => ({
        name,
        description,
        pipeline,
        windows,
        allowedLateness,
        fields: [...schema.fields],
        schema: schema.typebox,
        ownership: ownership.get(name) ?? null,
      })),
    };
  });

  app.get(
    '/v1/views/:view',
    {
      schema: {
        summary: 'Rows of a view, both layers merged',
        description: 'In the order of (window end, key, window start). One answer is merged at one ownership. Pass `nextCursor` on as `cursor` for the next page.',
        tags: ['views'],
        params: ViewParams,
        querystring: ViewQuerystring,
        response: { 200: Page, ...problems },
      },
    },
    async ({ params, query }) => {
      const view = viewNamed(views, params.view);
      const limit = query.limit ?? DEFAULT_LIMIT;
      if (query.from !== undefined && query.to !== undefined && query.to < query.from) {
        throw new Refusal(400, 'SERVING_BAD_PARAMETER', "The parameter 'to' must not be before 'from'.", 'to');
      }
      const snapshot = await catalog.current();
      const ownership = snapshot.ownership.get(view.name) ?? null;
      const found = await store.rows(view, {
        ownership,
        from: query.from,
        to: query.to,
        key: query.key,
        // One more than asked tells whether there is a next page.
        limit: limit + 1,
        cursor: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
        finality: query.finality ?? 'any',
        settledUpTo: settledUpTo(view, snapshot),
        newestFirst: query.order === 'newest',
      });
      const rows = found.slice(0, limit);
      metrics.served(view.name, rows);
      const nextCursor = found.length > rows.length ? encodeCursor(cursorAfter(rows.at(-1)!)) : null;
      return { view: view.name, ownership, rows: rows.map(rowJson), nextCursor };
    },
  );
}
