import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Tally } from './tally.ts';

/** Whether a test file asks for a Kafka broker: it imports the package that starts one. */
export function asksForBroker(source: string): boolean {
  return /from '@weir\/kafka-broker'/.test(source);
}

/** Whether Java and Maven are there. Looked up in another way than the tests do, which would otherwise excuse themselves. */
export function hasJavaAndMaven(path = process.env['PATH'] ?? ''): boolean {
  return ['java', 'mvn'].every((program) =>
    path.split(delimiter).some((folder) => {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}

/**
 * The tally of the tests under the rule that Kafka tests run where they can: with Java and Maven there, one that was skipped counts as
 * failed, and so does a whole run in which there was none.
 */
export function underKafkaRule(tally: Tally, { canRun, isWhole }: { readonly canRun: boolean; readonly isWhole: boolean }): Tally {
  if (!canRun) return tally;
  const refused = tally.skipped.filter(({ needsBroker }) => needsBroker);
  const isMissing = isWhole && (tally.ranWithBroker ?? 0) === 0 && refused.length === 0;
  if (refused.length === 0 && !isMissing) return tally;
  const reasons = [...new Set(refused.map(({ why }) => why))].join('; ');
  const complaint = isMissing ? 'Java and Maven are there, and no test of Kafka ran.' : `Java and Maven are there, and ${refused.length} tests of Kafka were skipped: ${reasons}.`;
  return {
    ...tally,
    failed: tally.failed + Math.max(1, refused.length),
    skipped: tally.skipped.filter(({ needsBroker }) => !needsBroker),
    complaints: [...(tally.complaints ?? []), complaint],
  };
}
