import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { METRICS, seriesNames } from '@weir/telemetry';
import { describe, expect, it } from 'vitest';
import { FOLDER, dashboardFiles } from './dashboards.ts';
import { series } from './queries.ts';

const folder = resolve(import.meta.dirname, '../..', FOLDER);
const committed = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
const labelsOf = new Map<string, readonly string[]>(Object.values(METRICS).flatMap((metric) => seriesNames(metric).map((name) => [name, metric.labels] as const)));

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string; readonly refId: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

/** Words of an expression that begin as our metrics do, and the labels behind each. */
function namedIn(expression: string): readonly (readonly [name: string, labels: readonly string[]])[] {
  return [...expression.matchAll(/\b(weir_\w+)(?:\{([^}]*)\})?/g)].map(([, name, conditions = '']) => [name!, [...conditions.matchAll(/(\w+)\s*[!=]~?/g)].map(([, label]) => label!)]);
}

describe('the dashboards', () => {
  it('are committed as they are made: after a change run npm run dashboards', () => {
    expect(new Map(committed)).toEqual(dashboardFiles());
  });

  it.each(committed)('%s asks only for metrics and labels that are exposed', (_, text) => {
    const { panels, templating } = JSON.parse(text) as Dashboard;
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expression of [...expressions, ...templating.list.map((variable) => JSON.stringify(variable.query ?? ''))]) {
      for (const [name, labels] of namedIn(expression)) {
        expect(labelsOf.has(name), `${name} in ${expression}`).toBe(true);
        for (const label of labels) expect([...labelsOf.get(name)!, 'le'], `${label} in ${expression}`).toContain(label);
      }
    }
    for (const expression of expressions) expect(namedIn(expression).length, expression).toBeGreaterThan(0);
  });

  it.each(committed)('%s shows every panel, says what it means, and lets none lie on another', (_, text) => {
    const { panels, templating } = JSON.parse(text) as Dashboard;
    const taken = new Set<string>();
    for (const { type, title, description, gridPos, targets = [] } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x} ${y}`), title).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      if (type === 'row') continue;
      expect(description ?? '', title).not.toBe('');
      expect(targets.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
    const variables = new Set(templating.list.map(({ name }) => name));
    for (const [, name] of text.matchAll(/\$\{?([a-z]\w*)/g)) expect(variables.has(name!) || name === '__all', name).toBe(true);
  });

  it('shows every metric of the catalogue somewhere', () => {
    const all = committed.map(([, text]) => text).join('\n');
    for (const metric of Object.values(METRICS)) expect(seriesNames(metric).some((name) => all.includes(name)), metric.name).toBe(true);
  });

  it('does not compile a label that a metric does not have', () => {
    expect(series(METRICS.lag, { pipeline: '$pipeline' })).toBe('weir_job_lag_records{pipeline=~"$pipeline"}');
    expect(() => series(METRICS.lag, { view: 'x' })).toThrow('no label view');
  });
});
