import { bestSellers, revenueByCountry, shoppingSessions } from '@weir/pipelines';
import { view } from './view.ts';
import type { View } from './view.ts';

/** Revenue, units and orders per country and hour. */
export const revenueByCountryView: View = view(revenueByCountry, {
  name: 'revenue-by-country',
  description: 'Revenue in cents, units and orders per country and hour.',
  sink: 'revenue',
});

/** The ten best-selling products of each 24 hours. */
export const bestSellersView: View = view(bestSellers, {
  name: 'best-sellers',
  description: 'The ten products of which most units were ordered in 24 hours, hour by hour.',
  sink: 'ranking',
});

/** Shopping sessions of known customers. */
export const shoppingSessionsView: View = view(shoppingSessions, {
  name: 'shopping-sessions',
  description: 'What each customer ordered without pausing for more than half an hour.',
  sink: 'sessions',
});

/** The views of the reference pipelines. */
export const referenceViews: readonly View[] = [revenueByCountryView, bestSellersView, shoppingSessionsView];
