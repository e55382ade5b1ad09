import type { CampaignReport } from './campaign-audit.ts';
import { tableOf } from './findings.ts';

type Count = 'lost' | 'doubled' | 'aborted';

/** The report of a campaign for a terminal. */
export function reportOf(report: CampaignReport): string {
  const { findings, aborted, leaked, torn, unknown, takeovers, recoveries, ends } = report;
  const at = (milliseconds: readonly number[], share: number): string => `${((milliseconds[Math.min(milliseconds.length - 1, Math.floor(share * milliseconds.length))] ?? 0) / 1_000).toFixed(1)} s`;
  const spread = (milliseconds: readonly number[]): string => `median ${at(milliseconds, 0.5)}, longest ${at(milliseconds, 1)}`;
  return [
    ...ends.map((end) => `  ${end}`),
    '',
    tableOf(findings),
    '',
    `Aborted in the topics, as a client sees that is shown everything: ${[...aborted].map(([topic, records]) => `${topic} ${records.toLocaleString('en')}`).join(', ')}`,
    ...(leaked === 0 ? [] : [`${leaked.toLocaleString('en')} of them were shown to the auditor, and not by Kafka's own consumer.`]),
    ...(torn === 0 ? [] : [`To ${torn.toLocaleString('en')} records of the other client Kafka did not give the end that it told it of (KAFKA-20734): of those only what Kafka's own consumer shows counts.`]),
    ...(totalAborted(report) === 0 ? ['Nothing was aborted, so that none of it was seen says nothing.'] : []),
    `${sum(report, 'lost')} lost, ${sum(report, 'doubled')} doubled, ${sum(report, 'aborted')} aborted seen, of ${totalAborted(report).toLocaleString('en')} aborted in the topics; ${unknown} differences between the layers without a cause`,
    ...(takeovers.length === 0 ? [] : [`After a kill another replica works: ${spread(takeovers)}; its output has caught up: ${spread(recoveries)}`]),
  ].join('\n');
}

/** True when nothing is lost, doubled, aborted and seen, or without a cause, and something was aborted at all. */
export function isSound(report: CampaignReport): boolean {
  return sum(report, 'lost') + sum(report, 'doubled') + sum(report, 'aborted') + report.unknown === 0 && totalAborted(report) > 0 && report.leaked === 0;
}

function sum({ findings }: CampaignReport, count: Count): number {
  return findings.reduce((total, finding) => total + finding[count], 0);
}

function totalAborted({ aborted }: CampaignReport): number {
  return [...aborted.values()].reduce((total, records) => total + records, 0);
}
