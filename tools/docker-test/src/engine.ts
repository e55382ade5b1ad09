import { WeirError } from '@weir/model';
import { run, tail } from './run.ts';
import type { Ran, RunOptions } from './run.ts';

/** A Docker engine that answers, and the compose that goes with it. */
export class Engine {
  /** Aborted when the test is interrupted: what runs is ended, and nothing but what cleans up begins. */
  readonly interrupted: AbortSignal;
  /** Program and first arguments of compose. */
  readonly #compose: readonly string[];

  private constructor(compose: readonly string[], interrupted: AbortSignal) {
    this.#compose = compose;
    this.interrupted = interrupted;
  }

  /** Throws DOCKER_UNREACHABLE or DOCKER_COMPOSE_MISSING. */
  static async open(interrupted: AbortSignal): Promise<Engine> {
    const asked = await run('docker', ['version', '--format', '{{.Server.Version}}'], { seconds: 20 });
    if (asked.code !== 0) {
      throw new WeirError('DOCKER_UNREACHABLE', `No Docker engine answers: ${tail(asked.stderr, 1).replace(/[.?!]+$/, '') || 'it took too long'}.`, { remedy: 'Start Docker, or set DOCKER_HOST; without one this test cannot be run.' });
    }
    for (const compose of [['docker', 'compose'], ['docker-compose']]) {
      if ((await run(compose[0]!, [...compose.slice(1), 'version'], { seconds: 20 })).code === 0) return new Engine(compose, interrupted);
    }
    throw new WeirError('DOCKER_COMPOSE_MISSING', 'Docker answers, and there is no compose beside it.', { remedy: "Install Docker's compose plugin." });
  }

  /** The same engine for what puts things in order, which an interruption does not end. */
  uninterrupted(): Engine {
    return new Engine(this.#compose, new AbortController().signal);
  }

  /** Removes what bears a label: containers in whichever state, networks, and volumes. */
  async sweep(label: string): Promise<void> {
    const kinds = [
      { list: ['ps', '--all'], remove: ['rm', '--force', '--volumes'] },
      { list: ['network', 'ls'], remove: ['network', 'rm'] },
      { list: ['volume', 'ls'], remove: ['volume', 'rm', '--force'] },
    ];
    for (const { list, remove } of kinds) {
      const found = (await this.docker([...list, '--quiet', '--filter', `label=${label}`])).split('\n').filter((name) => name !== '');
      if (found.length > 0) await this.docker([...remove, ...found], { seconds: 120 });
    }
  }

  /** Runs `docker`; throws DOCKER_FAILED unless it ends with 0. */
  async docker(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    return orThrow(`docker ${argv.slice(0, 2).join(' ')}`, await run('docker', argv, { signal: this.interrupted, ...options }));
  }

  /** What a container has said on both of its outputs, the newest lines. */
  async logs(container: string, lines: number): Promise<string> {
    const { stdout, stderr } = await run('docker', ['logs', '--tail', String(lines), container]);
    return `${stdout}${stderr}`;
  }

  /** Runs compose on the demo; throws DOCKER_FAILED unless it ends with 0. */
  async compose(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    return orThrow(`docker compose ${argv.filter((word) => /^[a-z]+$/.test(word)).slice(0, 2).join(' ')}`, await run(this.#compose[0]!, [...this.#compose.slice(1), ...argv], { signal: this.interrupted, ...options }));
  }

  /** True when the engine has the image, so that nothing has to be fetched. */
  async hasImage(image: string): Promise<boolean> {
    return (await run('docker', ['image', 'inspect', image])).code === 0;
  }

  /** Removes images of the same name with other tags, but those that a container uses. */
  async forgetOthers(image: string): Promise<void> {
    const all = (await this.docker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', image.split(':')[0]!])).split('\n');
    for (const other of all) if (other !== '' && other !== image) await run('docker', ['image', 'rm', other], { signal: this.interrupted });
  }

  /** Fetches an image; false when it cannot be had. */
  async pull(image: string): Promise<boolean> {
    return (await run('docker', ['pull', '--quiet', image], { seconds: 900, signal: this.interrupted })).code === 0;
  }
}

function orThrow(what: string, { code, stdout, stderr }: Ran): string {
  if (code === 0) return stdout;
  throw new WeirError('DOCKER_FAILED', `'${what}' ended with ${code ?? 'no answer in time'}:\n${tail(`${stdout}\n${stderr}`)}\n`, { remedy: 'Look at what it says, and at the state of the engine.' });
}
