/** Writes the dashboards as Grafana reads them; run it after a change of one. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FOLDER, dashboardFiles } from './dashboards.ts';

const folder = resolve(import.meta.dirname, '../..', FOLDER);
const files = dashboardFiles();
mkdirSync(folder, { recursive: true });
for (const stale of readdirSync(folder).filter((name) => !files.has(name))) rmSync(join(folder, stale));
for (const [name, text] of files) writeFileSync(join(folder, name), text);
console.log(`${FOLDER}: ${[...files.keys()].join(', ')}`);
