import { whyNoBroker } from '@weir/kafka-broker';
import { WeirError } from '@weir/model';
import { group, readSettings, wholeNumber } from '@weir/settings';
import { isSound, reportOf } from './campaign-report.ts';
import { CrashCampaign } from './crash-campaign.ts';
import { plan } from './faults.ts';

const crashSettings = {
  usage: 'npm run crash:kafka --',
  about: 'Kills (-9) and pauses speed processes, the generator and a real Kafka broker at seeded moments, while an ordinary client reads all topics;\nthen compares every record with what must be there.',
  schema: group({
    kills: wholeNumber({ default: 30, minimum: 1, maximum: 1_000, about: 'kills of speed processes; a third as many of the broker come with them, and pauses and other faults' }),
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
  const campaign = await CrashCampaign.start({ say: (line) => console.log(line) });
  try {
    await campaign.run(faults);
    const report = await campaign.audit();
    console.log(reportOf(report));
    return isSound(report);
  } finally {
    await campaign.stop();
  }
}

// Its programs are ended with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    console.error(`Ended by ${signal}.`);
    process.exit(130);
  });
}

main().then(
  (sound) => process.exit(sound ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof WeirError ? error.message : error);
    process.exit(1);
  },
);
