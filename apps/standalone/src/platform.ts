import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import type { DataDirectory } from './data-directory.ts';

const PROGRAMS = {
  clickhouse: './embedded/clickhouse-server.ts',
  postgres: './embedded/postgres-server.ts',
  generator: '../../generator/src/main.ts',
  speed: '../../speed/src/main.ts',
  reprocessor: '../../reprocessor/src/main.ts',
  verify: '../../cli/src/main.ts',
  serving: '../../serving/src/main.ts',
  console: '../../console/build.ts',
} as const;

/** The programs of the platform. */
export type Program = keyof typeof PROGRAMS;

/** Bounds on what the programs keep in memory, in megabytes of heap. */
const HEAP_MEGABYTES: Readonly<Partial<Record<Program, number>>> = { speed: 512, reprocessor: 512, verify: 768, generator: 768, serving: 256 };

/** The processes of one Weir: started one by one, stopped in the opposite order. */
export class Platform {
  readonly #data: DataDirectory;
  readonly #children: Child[] = [];
  #environment: Readonly<Record<string, string>>;
  #failed: (error: unknown) => void = () => undefined;
  /** Rejects when a process ends that was to stay. */
  readonly failure: Promise<never>;

  constructor(data: DataDirectory) {
    this.#data = data;
    this.#environment = { WEIR_DATA: data.root };
    this.failure = new Promise((_, reject) => {
      this.#failed = reject;
    });
    // Somebody is always listening once the first stage runs; before that there is nothing that could fail.
    this.failure.catch(() => undefined);
  }

  /** Adds to the environment of the processes that are started from now on. */
  tell(environment: Readonly<Record<string, string>>): void {
    this.#environment = { ...this.#environment, ...environment };
  }

  /** Starts a process that is to stay until `stop`. */
  stay(program: Program, args: readonly string[]): Child {
    const child = this.start(program, args);
    void child.exited.then((exit) => {
      if (!child.stopping) this.#failed(child.failure(exit));
    });
    return child;
  }

  /** Starts a process that ends by itself. */
  start(program: Program, args: readonly string[]): Child {
    const heap = HEAP_MEGABYTES[program];
    const child = new Child({
      name: program,
      entry: fileURLToPath(new URL(PROGRAMS[program], import.meta.url)),
      args,
      logFile: join(this.#data.root, 'logs', `${program}.log`),
      nodeOptions: heap === undefined ? [] : [`--max-old-space-size=${heap}`],
      environment: this.#environment,
    });
    this.#children.push(child);
    return child;
  }

  /** Stops what runs, the last started first: who writes before what it writes to. */
  async stop(): Promise<void> {
    for (const child of [...this.#children].reverse()) await child.stop();
  }
}
