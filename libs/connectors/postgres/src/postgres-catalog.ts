import type { PoolClient } from 'pg';
import { migrate } from '@weir/connector-api';
import type { MigrateOptions, Migration } from '@weir/connector-api';
import { MAX_TIMESTAMP, WeirError } from '@weir/model';
import type { Timestamp } from '@weir/model';
import type { Books, Catalog, JobStatus, Lease, Ownership, Run, Verification } from './catalog.ts';
import { CHANGES } from './change-listener.ts';
import { Database, codedError } from './database.ts';
import { migrationTarget } from './migrations.ts';

export interface CatalogOptions {
  readonly url: string;
  readonly migrations: readonly Migration[];
}

/** Verifications that are kept. */
const KEPT_VERIFICATIONS = 100;

/**
 * The catalog in Postgres, brought up to the migrations. Throws POSTGRES_UNREACHABLE, POSTGRES_REJECTED or one of the MIGRATION errors.
 */
export async function openCatalog({ url, migrations }: CatalogOptions): Promise<Catalog> {
  const database = new Database(url);
  try {
    await migrate(migrationTarget(database), migrations);
  } catch (error) {
    await database.close();
    throw codedError(error);
  }
  return new PostgresCatalog(database);
}

/** Brings the catalog up to the migrations; answers those that were (with `dryRun`: would be) applied. Throws as `openCatalog`. */
export async function migrateCatalog({ url, migrations }: CatalogOptions, options: MigrateOptions = {}): Promise<readonly Migration[]> {
  const database = new Database(url);
  try {
    return await migrate(migrationTarget(database), migrations, options);
  } catch (error) {
    throw codedError(error);
  } finally {
    await database.close();
  }
}

class PostgresCatalog implements Catalog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async acquireLease(task: string, owner: string, ttlMilliseconds: number): Promise<Lease> {
    // The database's clock decides, so that the owners' clocks do not matter.
    const { rows } = await this.#database.query<{ epoch: number }>(
      `INSERT INTO leases (task, owner, epoch, expires_at) VALUES ($1, $2, 1, now() + $3 * interval '1 millisecond')
       ON CONFLICT (task) DO UPDATE SET owner = $2, epoch = leases.epoch + 1, expires_at = now() + $3 * interval '1 millisecond'
       WHERE leases.owner IS NULL OR leases.owner = $2 OR leases.expires_at <= now()
       RETURNING epoch`,
      [task, owner, ttlMilliseconds],
    );
    const epoch = rows[0]?.epoch;
    if (epoch === undefined) {
      throw new WeirError('LEASE_HELD', `Another process runs '${task}'.`, { remedy: 'Wait until it ends, or until its lease runs out.', retryable: true });
    }
    return { task, owner, epoch };
  }

  async renewLease({ task, owner, epoch }: Lease, ttlMilliseconds: number): Promise<void> {
    const { rowCount } = await this.#database.query(
      `UPDATE leases SET expires_at = now() + $4 * interval '1 millisecond' WHERE task = $1 AND owner = $2 AND epoch = $3`,
      [task, owner, epoch, ttlMilliseconds],
    );
    if (rowCount === 1) return;
    throw new WeirError('LEASE_LOST', `Another process has taken over '${task}'.`, { remedy: 'This attempt ends; nothing is to be done.' });
  }

  async releaseLease({ task, owner, epoch }: Lease): Promise<void> {
    await this.#database.query('UPDATE leases SET owner = NULL WHERE task = $1 AND owner = $2 AND epoch = $3', [task, owner, epoch]);
  }

  async putJob(job: JobStatus): Promise<void> {
    await this.#database.query(
      'INSERT INTO jobs (pipeline, layer, status) VALUES ($1, $2, $3) ON CONFLICT (pipeline, layer) DO UPDATE SET status = $3',
      [job.pipeline, job.layer, json(job)],
    );
  }

  async jobs(): Promise<readonly JobStatus[]> {
    const { rows } = await this.#database.query<{ status: JobStatus }>('SELECT status FROM jobs ORDER BY pipeline, layer');
    return rows.map(({ status }) => status);
  }

  async startRun(run: Run): Promise<void> {
    await this.#database.query('INSERT INTO runs (run_id, pipeline, state, frontier, run) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (run_id) DO NOTHING', [
      run.runId,
      run.pipeline,
      run.state,
      stored(run.frontier),
      json({ ...run, frontier: stored(run.frontier) }),
    ]);
  }

  publishRun(runId: string, views: readonly string[], books: Books, finishedAt: Timestamp): Promise<void> {
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ frontier: string; state: Run['state'] }>('SELECT frontier, state FROM runs WHERE run_id = $1 FOR UPDATE', [runId]);
      const run = rows[0];
      // A commit whose answer was lost is asked for again.
      if (run?.state === 'published') return;
      if (run?.state !== 'running') throw new WeirError('RUN_UNKNOWN', `There is no running run '${runId}'.`, { remedy: 'Start a new replay.' });
      await client.query(`UPDATE runs SET state = 'published', run = run || $2::jsonb WHERE run_id = $1`, [runId, json({ state: 'published', books, finishedAt })]);
      // In one order for all, so that two publishers wait for each other instead of both.
      for (const view of [...views].sort()) await moveFrontier(client, view, runId, Number(run.frontier));
    });
  }

  async failRun(runId: string, finishedAt: Timestamp): Promise<void> {
    await this.#database.query(`UPDATE runs SET state = 'failed', run = run || $2::jsonb WHERE run_id = $1 AND state = 'running'`, [
      runId,
      json({ state: 'failed', finishedAt }),
    ]);
  }

  async endUnpublished(runId: string, books: Books, finishedAt: Timestamp): Promise<void> {
    await this.#database.query(`UPDATE runs SET state = 'unpublished', run = run || $2::jsonb WHERE run_id = $1 AND state = 'running'`, [
      runId,
      json({ state: 'unpublished', books, finishedAt }),
    ]);
  }

  async failAbandonedRuns(finishedAt: Timestamp): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ run_id: string }>(
      `UPDATE runs SET state = 'failed', run = run || $1::jsonb WHERE state = 'running' AND NOT EXISTS
         (SELECT FROM leases WHERE task = 'batch/' || runs.pipeline AND owner = runs.run_id AND expires_at > now())
       RETURNING run_id`,
      [json({ state: 'failed', finishedAt })],
    );
    return rows.map(({ run_id }) => run_id);
  }

  async runs(limit: number): Promise<readonly Run[]> {
    const { rows } = await this.#database.query<{ run: Run }>('SELECT run FROM runs ORDER BY ordinal DESC LIMIT $1', [limit]);
    return rows.map(({ run }) => run);
  }

  async ownership(view: string): Promise<Ownership | null> {
    const { rows } = await this.#database.query<{ run_id: string; frontier: string; version: number }>('SELECT run_id, frontier, version FROM ownership WHERE view = $1', [view]);
    const row = rows[0];
    return row === undefined ? null : { view, runId: row.run_id, frontier: Number(row.frontier), version: row.version };
  }

  async announceChange(announcement: string): Promise<void> {
    // Nothing is to be kept, so the disk need not be waited for.
    await this.#database.query(`SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`, [CHANGES, announcement]);
  }

  async putVerification(verification: Verification): Promise<void> {
    await this.#database.query('INSERT INTO verifications (verification) VALUES ($1)', [json(verification)]);
    await this.#database.query('DELETE FROM verifications WHERE ordinal <= (SELECT max(ordinal) FROM verifications) - $1', [KEPT_VERIFICATIONS]);
  }

  async lastVerification(): Promise<Verification | null> {
    const { rows } = await this.#database.query<{ verification: Verification }>('SELECT verification FROM verifications ORDER BY ordinal DESC LIMIT 1');
    return rows[0]?.verification ?? null;
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

async function moveFrontier(client: PoolClient, view: string, runId: string, frontier: number): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO ownership (view, run_id, frontier, version) VALUES ($1, $2, $3, 1)
     ON CONFLICT (view) DO UPDATE SET run_id = $2, frontier = $3, version = ownership.version + 1 WHERE ownership.frontier <= $3`,
    [view, runId, frontier],
  );
  if (rowCount === 1) return;
  throw new WeirError('FRONTIER_BACKWARDS', `Run '${runId}' would move the frontier of view '${view}' back.`, { remedy: 'Replay up to the present end of the log.' });
}

/** JSON that a jsonb column takes: it has no NUL and no half of a character. */
function json(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? part.replaceAll('\0', '\ufffd').toWellFormed() : part));
}

/** A watermark as a bigint column holds it. */
function stored(watermark: number): number {
  return Math.max(-MAX_TIMESTAMP, Math.min(MAX_TIMESTAMP, Math.floor(watermark)));
}
