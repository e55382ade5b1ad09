import { flag, group, readSettings, wholeNumber } from '@weir/settings';
import { isSound, reportOf } from './campaign-report.ts';
import { CrashCampaign } from './crash-campaign.ts';
import { plan } from './faults.ts';
import { requireBroker, runTrial } from './run-trial.ts';

const crashSettings = {
  usage: 'npm run crash:kafka --',
  about: 'Kills (-9) and pauses speed processes, the generator and a real Kafka broker at seeded moments, while an ordinary client reads all topics;\nthen compares every record with what must be there.',
  schema: group({
    kills: wholeNumber({ default: 30, minimum: 1, maximum: 1_000, about: 'kills of speed processes; a third as many of the broker come with them, and pauses and other faults' }),
    seed: wholeNumber({ default: 1, minimum: 0, maximum: 2 ** 31 - 1, about: 'of the order of the faults and of their moments' }),
    controllerFirst: flag({ about: 'let the controller of a broker that was killed run alone first: otherwise Kafka 4.3.0 may lose ends of transactions (docs/reliability.md)' }),
  }),
};

async function main(): Promise<boolean> {
  const settings = readSettings(crashSettings);
  if (settings === undefined) return true;
  await requireBroker();
  const faults = plan(settings.kills, settings.seed);
  console.log(`${faults.length} faults, seed ${settings.seed}`);
  const campaign = await CrashCampaign.start({ say: (line) => console.log(line), controllerFirst: settings.controllerFirst });
  try {
    await campaign.run(faults);
    const report = await campaign.audit();
    console.log(reportOf(report));
    return isSound(report);
  } finally {
    await campaign.stop();
  }
}

runTrial(main);
