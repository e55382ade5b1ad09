import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cached } from './cache.ts';
import { engine, testcontainers } from './engine.ts';

/** As in infra/compose.yaml. */
const IMAGE = 'apache/kafka:4.3.0';
const PULL_MILLISECONDS = 5 * 60_000;
/** So long it is believed that an image cannot be had, before it is asked for again. */
const REMEMBERED_MILLISECONDS = 10 * 60_000;

/** The image of a broker; WEIR_KAFKA_IMAGE names another. */
export function kafkaImage(): string {
  return process.env['WEIR_KAFKA_IMAGE'] || IMAGE;
}

/** Why there is no image of Kafka, though an engine answers; undefined when there is one. It is fetched when the engine has not got it. */
export async function whyNoImage(): Promise<string | undefined> {
  const [{ ImageName }, client] = await Promise.all([testcontainers(), engine()]);
  const name = ImageName.fromString(kafkaImage());
  if (await client.image.exists(name)) return undefined;
  // The files of a run ask one after the other: it is tried, and said, once for all of them.
  const period = Math.floor(Date.now() / REMEMBERED_MILLISECONDS);
  const answer = await cached([name.string, client.info.containerRuntime.remoteSocketPath, String(period)], '.image', async (path) => {
    const refused = await Promise.race([client.image.pull(name).then(() => '', reasonOf), sleep(PULL_MILLISECONDS, 'it takes too long', { ref: false })]);
    if (refused !== '') console.warn(`The image ${name.string} cannot be had (${refused}); Kafka tests do without Docker.`);
    writeFileSync(path, refused);
  });
  const refused = readFileSync(answer, 'utf8');
  return refused === '' ? undefined : `the image ${name.string} cannot be had (${refused})`;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 200);
}
