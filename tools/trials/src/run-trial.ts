import { whyNoBroker } from '@weir/kafka-broker';
import { WeirError } from '@weir/model';

/** Throws TRIAL_NO_BROKER where no broker can be started. */
export async function requireBroker(): Promise<void> {
  const why = await whyNoBroker();
  if (why !== undefined) throw new WeirError('TRIAL_NO_BROKER', `No broker can be started: ${why}.`, { remedy: 'Install Java 17 and Maven.' });
}

/** Runs a trial, and ends the process with it: with 0 when it answers true, with 1 when not, or when it fails. */
export function runTrial(trial: () => Promise<boolean>): void {
  // Its programs are ended with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      console.error(`Ended by ${signal}.`);
      process.exit(130);
    });
  }
  trial().then(
    (isSound) => process.exit(isSound ? 0 : 1),
    (error: unknown) => {
      console.error(error instanceof WeirError ? error.message : error);
      process.exit(1);
    },
  );
}
