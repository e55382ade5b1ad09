import { invariant } from '@weir/model';
import { readComposeFile } from './compose-file.ts';
import type { Engine } from './engine.ts';
import { localImage, makeLocalImage } from './local-images.ts';
import type { LocalPart } from './local-images.ts';

/** The images that the demo is run with. */
export interface Images {
  /** What compose is told, by variable. */
  readonly environment: Readonly<Record<string, string>>;
  /** Images that were made of this machine's parts. */
  readonly local: readonly string[];
  /** Services that are left out, as there is no image for them. */
  readonly leftOut: readonly string[];
}

/** What can be made here, by the variable that names its image. */
const MADE_HERE: Readonly<Record<string, LocalPart>> = {
  WEIR_NODE_IMAGE: 'node',
  WEIR_KAFKA_IMAGE: 'kafka',
  WEIR_CLICKHOUSE_IMAGE: 'clickhouse',
  WEIR_POSTGRES_IMAGE: 'postgres',
};

/** Services without which the demo still shows its numbers. */
const OPTIONAL = ['prometheus', 'grafana'];

/** By the variable that names it, each image that is not built from this repository: Node's, and those of the services. */
function wanted(): ReadonlyMap<string, { readonly image: string; readonly service: string }> {
  const found = new Map<string, { readonly image: string; readonly service: string }>();
  for (const [service, { image, build }] of Object.entries(readComposeFile().services)) {
    const [, variable = '', initial = ''] = /^\$\{(\w+):-([^}]+)\}$/.exec(build?.args['NODE_IMAGE'] ?? image) ?? [];
    found.set(variable, { image: process.env[variable] || initial, service });
  }
  return found;
}

/**
 * Sees to it that every image is there: one that the engine has, one that is fetched, or one that is made of this machine's parts.
 * Throws DOCKER_IMAGE for one that the demo cannot do without.
 */
export async function prepareImages(engine: Engine, say: (line: string) => void): Promise<Images> {
  const environment: Record<string, string> = {};
  const local: string[] = [];
  const leftOut: string[] = [];
  let fetches = true;
  for (const [variable, { image, service }] of wanted()) {
    environment[variable] = image;
    if (await engine.hasImage(image)) continue;
    // A registry that could not be reached once is not asked for every image.
    fetches = fetches && (await engine.pull(image));
    engine.interrupted.throwIfAborted();
    if (fetches) {
      say(`fetched ${image}`);
      continue;
    }
    const part = MADE_HERE[variable];
    if (part === undefined) {
      invariant(OPTIONAL.includes(service), `an image of ${service} can be made here`);
      leftOut.push(service);
      continue;
    }
    const made = localImage(part);
    const isThere = await engine.hasImage(made);
    if (!isThere) {
      await makeLocalImage(engine, part, made);
      await engine.forgetOthers(made);
    }
    environment[variable] = made;
    local.push(made);
    say(`${isThere ? 'took' : 'made'} ${made}, of this machine's parts`);
  }
  return { environment, local, leftOut };
}
