import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from './engine.ts';
import { prepareImages } from './images.ts';

/** An engine that has some images, and a registry that may answer. */
function engineWith(has: (image: string) => boolean, pulls: (image: string) => boolean): { readonly engine: Engine; readonly pulled: string[] } {
  const pulled: string[] = [];
  const engine = {
    interrupted: new AbortController().signal,
    hasImage: (image: string) => Promise.resolve(has(image)),
    pull: (image: string) => {
      pulled.push(image);
      return Promise.resolve(pulls(image));
    },
  } as unknown as Engine;
  return { engine, pulled };
}

const VARIABLES = ['WEIR_NODE_IMAGE', 'WEIR_KAFKA_IMAGE', 'WEIR_CLICKHOUSE_IMAGE', 'WEIR_POSTGRES_IMAGE', 'WEIR_PROMETHEUS_IMAGE', 'WEIR_GRAFANA_IMAGE'];
const quiet = (): undefined => undefined;

beforeEach(() => VARIABLES.forEach((name) => vi.stubEnv(name, '')));
afterEach(() => vi.unstubAllEnvs());

describe('the images of the demo', () => {
  it('are those that the engine has, and nothing is fetched', async () => {
    const { engine, pulled } = engineWith(() => true, () => false);
    const images = await prepareImages(engine, quiet);
    expect(Object.keys(images.environment).sort()).toEqual([...VARIABLES].sort());
    expect(images).toMatchObject({ local: [], leftOut: [] });
    expect(pulled).toEqual([]);
  });

  it('are fetched when they are not there', async () => {
    const { engine, pulled } = engineWith((image) => image.startsWith('node:'), () => true);
    const images = await prepareImages(engine, quiet);
    expect(pulled).toHaveLength(5);
    expect(images).toMatchObject({ local: [], leftOut: [] });
  });

  it('are those that the environment names', async () => {
    vi.stubEnv('WEIR_KAFKA_IMAGE', 'registry.example/kafka:4.3.0');
    const { engine } = engineWith(() => true, () => false);
    expect((await prepareImages(engine, quiet)).environment['WEIR_KAFKA_IMAGE']).toBe('registry.example/kafka:4.3.0');
  });

  it('are made here when no registry answers, which is asked once; what cannot be made is left out', async () => {
    const { engine, pulled } = engineWith((image) => image.startsWith('weir-local/'), () => false);
    const images = await prepareImages(engine, quiet);
    expect(pulled).toHaveLength(1);
    expect(images.local).toHaveLength(4);
    for (const variable of VARIABLES.slice(0, 4)) expect(images.environment[variable]).toMatch(/^weir-local\/\w+:[\da-f]{12}$/);
    expect([...images.leftOut].sort()).toEqual(['grafana', 'prometheus']);
  });
});
