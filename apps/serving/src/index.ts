export type { ReadCatalog } from './catalog-snapshot.ts';
export { servingApp } from './serving-app.ts';
export type { ServingApp, ServingOptions } from './serving-app.ts';
export type { ViewStore } from './view-store.ts';
