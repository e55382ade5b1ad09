import type { Log } from '@weir/connector-api';
import type { JobStatus } from '@weir/connector-postgres';
import { referencePipelines } from '@weir/pipelines';
import { referenceViews } from '@weir/views';
import type { Auditor } from './auditor.ts';
import { witnessed as placesOf } from './console-witness.ts';
import { expectedOutput } from './expected-output.ts';
import { compared, deadLettersOf, inputOf, liveLines, ofOtherClient, samePlaces } from './findings.ts';
import type { Finding, Input } from './findings.ts';
import { lostEnds } from './lost-ends.ts';
import type { OtherClient } from './other-client.ts';
import type { RealParts } from './real-parts.ts';
import { viewFindings } from './view-audit.ts';

const DEAD_LETTERS = 'orders.dead-letters';

/** Every topic that a campaign writes transactions to. */
export const AUDITED: readonly string[] = ['orders', DEAD_LETTERS, ...referencePipelines.map(({ name }) => `${name}.late`), ...referenceViews.map(({ name }) => `${name}.changelog`)];

/** What came of a campaign. */
export interface CampaignReport {
  readonly findings: readonly Finding[];
  /** By topic, where there are any: records that a client saw which is shown what transactions aborted, and that are not committed. */
  readonly aborted: ReadonlyMap<string, number>;
  /** Of those: shown to the auditor, and not by Kafka's own consumer. */
  readonly leaked: number;
  /** Records of the other client to which Kafka did not give the end that it told the client of. */
  readonly torn: number;
  /** Differences between the layers without a cause. */
  readonly unknown: number;
  /** Milliseconds from each kill of the working replica to the next that works, ascending. */
  readonly takeovers: readonly number[];
  /** Milliseconds from each kill of the working replica until the output of the next has come to the end, ascending. */
  readonly recoveries: readonly number[];
  /** How processes ended that were not killed. */
  readonly ends: readonly string[];
}

export interface AuditOptions {
  readonly parts: RealParts;
  readonly log: Log;
  readonly auditor: Auditor;
  /** One that is shown everything. */
  readonly control: Auditor;
  readonly other: OtherClient;
  readonly jobs: readonly JobStatus[];
  /** Topics that Kafka's console consumer reads too, `orders` among them: what it does not show is not committed. */
  readonly witnessed: readonly string[];
}

/** Compares what a campaign left in topics, tables and catalog with what must be there. */
export async function auditOf(options: AuditOptions): Promise<Pick<CampaignReport, 'findings' | 'aborted' | 'leaked' | 'torn'>> {
  const { parts, auditor, control, other, jobs } = options;
  const witnessed: Finding[] = [];
  let leaked = 0;
  for (const topic of options.witnessed) {
    const committed = await placesOf(parts.broker, topic, 'read_committed');
    leaked += auditor.keepOnly(topic, committed);
    witnessed.push(samePlaces(topic, new Set(auditor.of(topic).keys()), committed));
  }
  const input = inputOf(auditor.of('orders'));
  const torn = await tornOf(options);
  const findings: Finding[] = [
    liveLines(input.orders.map(({ line }) => line)),
    ...ofOtherClient(other, input, torn),
    { what: 'all topics: places that changed afterwards', expected: 0, found: auditor.changed, lost: 0, doubled: auditor.changed, aborted: 0 },
    ...jobs.map((job) => onBooks(job, input)),
    compared(DEAD_LETTERS, referencePipelines.flatMap(({ name }) => input.badPlaces.map((place) => `${name} ${place}`)), deadLettersOf(auditor, DEAD_LETTERS)),
    ...(await outputs(options)),
    ...(await viewFindings(input.orders, auditor, parts.clickhouse, parts.catalog, jobs)),
    await unendedRuns(parts),
  ];
  findings.push(...witnessed);
  const aborted = new Map<string, number>();
  for (const topic of AUDITED) {
    const seen = auditor.of(topic);
    const hidden = [...control.of(topic).keys()].filter((place) => !seen.has(place)).length;
    if (hidden > 0) aborted.set(topic, hidden);
  }
  return { findings, aborted, leaked, torn: torn.size };
}

/** By place, the numbers of records to which Kafka did not give the end that it told the other client of. What that client abandoned it was told nothing of. */
async function tornOf({ parts, control, other }: AuditOptions): Promise<ReadonlyMap<string, number>> {
  const { bad, badPlaces } = inputOf(control.of('orders'));
  const lost = await lostEnds(parts.broker, 'orders', badPlaces);
  const numbers = badPlaces.map((place, index) => [place, bad[index]!] as const);
  return new Map(numbers.filter(([place, number]) => lost.has(place) && (other.committed.has(number) || other.aborted.has(number))));
}

function onBooks({ pipeline, books }: JobStatus, { orders, bad }: Input): Finding {
  const records = orders.length + bad.length;
  const booked = books.counted + books.late + books.filtered + books.deadLettered;
  return { what: `${pipeline}: records on its books`, expected: records, found: booked, lost: Math.max(0, records - booked), doubled: Math.max(0, booked - records), aborted: 0 };
}

async function outputs({ parts, log, auditor }: AuditOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const topology of referencePipelines) {
    const reader = await log.reader('orders');
    const written = await expectedOutput(topology, reader, `${parts.root}/data/checkpoints`);
    await reader.close();
    const view = referenceViews.find(({ pipeline }) => pipeline === topology.name)!;
    for (const [sink, topic] of [[view.sink, `${view.name}.changelog`], ['late', `${topology.name}.late`]] as const) {
      const found = [...auditor.of(topic).values()].map(({ value }) => value);
      findings.push(compared(topic, written[sink]!, found));
    }
  }
  return findings;
}

/** Runs of the batch layer that say that they go on, although nobody works on them. */
async function unendedRuns({ catalog }: RealParts): Promise<Finding> {
  const runs = await catalog.runs(1_000);
  const unended = runs.filter(({ state }) => state === 'running').length;
  return { what: 'catalog: replays that have an end', expected: runs.length, found: runs.length - unended, lost: unended, doubled: 0, aborted: 0 };
}
