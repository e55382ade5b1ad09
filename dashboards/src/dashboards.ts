import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { layersDashboard } from './layers.ts';

/** Where the JSON of the dashboards is, from the root of the repository; Grafana reads this folder. */
export const FOLDER = 'infra/grafana/dashboards';

const dashboards: Readonly<Record<string, () => Dashboard>> = { layers: layersDashboard };

/** The files of the folder, by name, as they should be. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(Object.entries(dashboards).map(([name, make]) => [`${name}.json`, `${JSON.stringify(make(), null, 2)}\n`]));
}
