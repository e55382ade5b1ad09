import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The root of the repository, without a slash at its end. */
export const repositoryRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The file of the demo, from the root of the repository. */
export const COMPOSE_FILE = 'infra/compose.yaml';

/** When a service may begin: as soon as another has started, is healthy, or has ended well. */
export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** As much of a service as the demo says of one. */
export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly args: Readonly<Record<string, string>> };
  readonly command?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly scale?: number;
  readonly profiles?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly pids_limit?: number;
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean; readonly interval?: string; readonly timeout?: string; readonly retries?: number };
}

/** The demo as the file says it, with nothing interpolated. */
export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Reads the file; throws when it is no YAML. */
export function readComposeFile(): ComposeFile {
  return parse(readFileSync(join(repositoryRoot, COMPOSE_FILE), 'utf8'), { merge: true }) as ComposeFile;
}

/** Puts in what `${NAME}` and `${NAME:-default}` stand for, as compose does. */
export function interpolated(text: string, environment: Readonly<Record<string, string | undefined>> = {}): string {
  return text.replace(/\$\{([A-Z0-9_]+)(?::-([^}]*))?\}/g, (_, name: string, initial = '') => {
    const given = environment[name];
    return given === undefined || given === '' ? String(initial) : given;
  });
}

/** True for a service that ends by itself: its exit code says how it was. */
export function isOneShot({ restart }: Service): boolean {
  return restart === 'no';
}
