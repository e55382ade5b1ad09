import type { CatalogSnapshots } from './catalog-snapshot.ts';
import { Refusal } from './problem.ts';
import { Health, problems } from './schemas.ts';
import type { ServingApp } from './serving-app.ts';
import type { ViewStore } from './view-store.ts';

/** GET /health/live says that the process answers; GET /health/ready that it can answer from the views and the catalog. */
export function healthRoutes(app: ServingApp, store: ViewStore, catalog: CatalogSnapshots): void {
  app.get('/health/live', { logLevel: 'warn', schema: { summary: 'Is the process alive?', tags: ['operation'], response: { 200: Health, ...problems } } }, () => ({ status: 'live' as const }));

  app.get('/health/ready', { logLevel: 'warn', schema: { summary: 'Can it answer?', tags: ['operation'], response: { 200: Health, ...problems } } }, async () => {
    const answers = await Promise.allSettled([store.ping(), catalog.current()]);
    const missing = ['the store of the views', 'the catalog'].filter((_, index) => answers[index]!.status === 'rejected');
    if (missing.length > 0) throw new Refusal(503, 'SERVING_NOT_READY', `No answer from ${missing.join(' and ')}.`);
    return { status: 'ready' as const };
  });
}
