import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PROGRAM = resolve(import.meta.dirname, '../../../../apps/standalone/src/embedded/clickhouse-server.ts');

/** For tests: the real engine behind its HTTP interface, as a process on a directory of its own. */
export class StartedEngine {
  readonly directory = mkdtempSync(join(tmpdir(), 'weir-clickhouse-'));
  port = 0;
  #server: ChildProcess | undefined;

  static async start(): Promise<StartedEngine> {
    const engine = new StartedEngine();
    await engine.restart();
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it on its directory, and on the port that it had. */
  async restart(): Promise<void> {
    const server = fork(PROGRAM, ['--path', this.directory, '--port', String(this.port), '--supervised'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    this.#server = server;
    this.port = await new Promise((ready, failed) => {
      server.once('message', (message) => ready((message as { port: number }).port));
      server.once('exit', (code) => failed(new Error(`the engine ended with ${code}`)));
    });
  }

  /** SIGKILL: nothing is written any more. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it, and removes its directory; answers its exit code. */
  async stop(): Promise<number | null> {
    const code = await this.#end('SIGTERM');
    rmSync(this.directory, { recursive: true });
    return code;
  }

  #end(signal: NodeJS.Signals): Promise<number | null> {
    const server = this.#server!;
    const ended = new Promise<number | null>((done) => server.once('exit', done));
    server.kill(signal);
    return ended;
  }
}
