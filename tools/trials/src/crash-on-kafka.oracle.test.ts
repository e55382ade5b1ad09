import { whyNoBroker } from '@weir/kafka-broker';
import { describe, expect, it } from 'vitest';
import { isSound, reportOf } from './campaign-report.ts';
import { CrashCampaign } from './crash-campaign.ts';
import { shortPlan } from './faults.ts';

const why = await whyNoBroker();

describe.skipIf(why !== undefined)(`a short crash campaign on Kafka${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  it('loses nothing, doubles nothing and shows nothing that was aborted', async () => {
    const lines: string[] = [];
    // What Kafka loses when it starts otherwise is seen by the long campaign.
    const campaign = await CrashCampaign.start({ say: (line) => lines.push(line), controllerFirst: true });
    try {
      await campaign.run(shortPlan());
      const report = await campaign.audit(['orders']);
      expect(isSound(report), [...lines, reportOf(report)].join('\n')).toBe(true);
      // Views with nothing in them would agree, too.
      expect(report.findings.filter(({ what }) => what.includes('to the cent')).every(({ found }) => found > 10)).toBe(true);
    } finally {
      await campaign.stop();
    }
  }, 300_000);
});
