import { whyNoBroker } from '@weir/kafka-broker';
import { WeirError } from '@weir/model';
import { group, readSettings, wholeNumber } from '@weir/settings';
import { CrashCampaign } from './crash-campaign.ts';
import type { CampaignReport } from './crash-campaign.ts';
import { plan } from './faults.ts';
import { tableOf } from './findings.ts';

const crashSettings = {
  usage: 'npm run crash:kafka --',
  about: 'Kills (-9) and pauses speed processes, the generator and a real Kafka broker at seeded moments, while an ordinary client reads all topics;\nthen compares every record with what must be there.',
  schema: group({
    kills: wholeNumber({ default: 30, minimum: 1, maximum: 1_000, about: 'kills of speed processes; a third as many of the broker come with them, and pauses' }),
    seed: wholeNumber({ default: 1, minimum: 0, maximum: 2 ** 31 - 1, about: 'of the order of the faults and of their moments' }),
  }),
};

async function main(): Promise<boolean> {
  const settings = readSettings(crashSettings);
  if (settings === undefined) return true;
  const why = await whyNoBroker();
  if (why !== undefined) throw new WeirError('TRIAL_NO_BROKER', `No broker can be started: ${why}.`, { remedy: 'Install Java 17 and Maven.' });
  const faults = plan(settings.kills, settings.seed);
  console.log(`${faults.length} faults, seed ${settings.seed}`);
  const campaign = await CrashCampaign.start((line) => console.log(line));
  try {
    await campaign.run(faults);
    return told(await campaign.audit());
  } finally {
    await campaign.stop();
  }
}

/** Prints the report; true when nothing is lost, doubled, aborted or without a cause. */
function told({ findings, abortedInTopics, unknown, takeovers, ends }: CampaignReport): boolean {
  for (const end of ends) console.log(`  ${end}`);
  console.log(`\n${tableOf(findings)}\n`);
  const sum = (count: 'lost' | 'doubled' | 'aborted'): number => findings.reduce((total, finding) => total + finding[count], 0);
  const at = (share: number): string => `${((takeovers[Math.min(takeovers.length - 1, Math.floor(share * takeovers.length))] ?? 0) / 1_000).toFixed(1)} s`;
  console.log(`${sum('lost')} lost, ${sum('doubled')} doubled, ${sum('aborted')} aborted seen, of ${abortedInTopics.toLocaleString('en')} aborted in the topics; ${unknown} differences between the layers without a cause`);
  console.log(`Another replica works after a kill: median ${at(0.5)}, longest ${at(1)}`);
  return sum('lost') + sum('doubled') + sum('aborted') + unknown === 0;
}

// Its programs are ended with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    console.error(`Ended by ${signal}.`);
    process.exit(130);
  });
}

main().then(
  (isSound) => process.exit(isSound ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof WeirError ? error.message : error);
    process.exit(1);
  },
);
