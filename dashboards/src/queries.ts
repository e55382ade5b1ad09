import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Metric } from '@weir/telemetry';

/** The data source of every panel: a variable, so that a dashboard can be imported anywhere. */
export const DATA_SOURCE = { type: 'prometheus', uid: '${source}' };

/** Series of a metric, as PromQL; conditions by label, where `$name` is a variable of the dashboard. */
export function series({ name, labels }: Metric, where: Readonly<Record<string, string>> = {}, suffix: '' | '_bucket' | '_count' = ''): string {
  const conditions = Object.entries(where).map(([label, value]) => {
    if (!labels.includes(label)) throw new Error(`metric ${name} has no label ${label}`);
    return `${label}=~"${value}"`;
  });
  return `${name}${suffix}${conditions.length === 0 ? '' : `{${conditions.join(', ')}}`}`;
}

/** One line of a panel, or one for each label set; the legend names labels as `{{label}}`. */
export function query(refId: string, expression: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId).expr(expression).legendFormat(legend).datasource(DATA_SOURCE);
}
