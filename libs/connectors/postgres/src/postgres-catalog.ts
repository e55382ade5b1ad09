import pg from 'pg';
import type { Pool, PoolClient } from 'pg';
import { MAX_TIMESTAMP, WeirError } from '@weir/model';
import type { Timestamp } from '@weir/model';
import type { Books, Catalog, JobStatus, Lease, Ownership, Run, Verification } from './catalog.ts';
import { migrate } from './migrations.ts';
import type { Migration } from './migrations.ts';

export interface CatalogOptions {
  readonly url: string;
  readonly migrations: readonly Migration[];
}

/** Verifications that are kept. */
const KEPT_VERIFICATIONS = 100;

/** The catalog in Postgres, brought up to the migrations. Throws POSTGRES_UNREACHABLE, MIGRATION_CHANGED or MIGRATION_NEWER. */
export async function openCatalog({ url, migrations }: CatalogOptions): Promise<Catalog> {
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000, statement_timeout: 30_000 });
  // An idle connection may break; the next query takes another one and says what is wrong.
  pool.on('error', () => undefined);
  try {
    await migrate(pool, migrations);
  } catch (error) {
    await pool.end();
    if (error instanceof WeirError) throw error;
    throw new WeirError('POSTGRES_UNREACHABLE', `The catalog cannot be opened: ${error instanceof Error ? error.message : String(error)}.`, {
      remedy: 'Check that Postgres runs and that its URL is right.',
      retryable: true,
      cause: error,
    });
  }
  return new PostgresCatalog(pool);
}

class PostgresCatalog implements Catalog {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async acquireLease(task: string, owner: string, ttlMilliseconds: number): Promise<Lease> {
    // The database's clock decides, so that the owners' clocks do not matter.
    const { rows } = await this.#pool.query<{ epoch: number }>(
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
    const { rowCount } = await this.#pool.query(
      `UPDATE leases SET expires_at = now() + $4 * interval '1 millisecond' WHERE task = $1 AND owner = $2 AND epoch = $3`,
      [task, owner, epoch, ttlMilliseconds],
    );
    if (rowCount === 1) return;
    throw new WeirError('LEASE_LOST', `Another process has taken over '${task}'.`, { remedy: 'This attempt ends; nothing is to be done.' });
  }

  async releaseLease({ task, owner, epoch }: Lease): Promise<void> {
    await this.#pool.query('UPDATE leases SET owner = NULL WHERE task = $1 AND owner = $2 AND epoch = $3', [task, owner, epoch]);
  }

  async putJob(job: JobStatus): Promise<void> {
    await this.#pool.query(
      'INSERT INTO jobs (pipeline, layer, status) VALUES ($1, $2, $3) ON CONFLICT (pipeline, layer) DO UPDATE SET status = $3',
      [job.pipeline, job.layer, JSON.stringify(job)],
    );
  }

  async jobs(): Promise<readonly JobStatus[]> {
    const { rows } = await this.#pool.query<{ status: JobStatus }>('SELECT status FROM jobs ORDER BY pipeline, layer');
    return rows.map(({ status }) => status);
  }

  async startRun(run: Run): Promise<void> {
    await this.#pool.query('INSERT INTO runs (run_id, pipeline, state, frontier, run) VALUES ($1, $2, $3, $4, $5)', [
      run.runId,
      run.pipeline,
      run.state,
      stored(run.frontier),
      JSON.stringify({ ...run, frontier: stored(run.frontier) }),
    ]);
  }

  publishRun(runId: string, views: readonly string[], books: Books, finishedAt: Timestamp): Promise<void> {
    return this.#transaction(async (client) => {
      const { rows } = await client.query<{ frontier: string }>(
        `UPDATE runs SET state = 'published', run = run || $2::jsonb WHERE run_id = $1 AND state = 'running' RETURNING frontier`,
        [runId, JSON.stringify({ state: 'published', books, finishedAt })],
      );
      const frontier = rows[0]?.frontier;
      if (frontier === undefined) throw new WeirError('RUN_UNKNOWN', `There is no running run '${runId}'.`, { remedy: 'Start a new replay.' });
      for (const view of views) await this.#moveFrontier(client, view, runId, Number(frontier));
    });
  }

  async failRun(runId: string, finishedAt: Timestamp): Promise<void> {
    await this.#pool.query(`UPDATE runs SET state = 'failed', run = run || $2::jsonb WHERE run_id = $1 AND state = 'running'`, [
      runId,
      JSON.stringify({ state: 'failed', finishedAt }),
    ]);
  }

  async runs(limit: number): Promise<readonly Run[]> {
    const { rows } = await this.#pool.query<{ run: Run }>('SELECT run FROM runs ORDER BY ordinal DESC LIMIT $1', [limit]);
    return rows.map(({ run }) => run);
  }

  async ownership(view: string): Promise<Ownership | null> {
    const { rows } = await this.#pool.query<{ run_id: string; frontier: string; version: number }>('SELECT run_id, frontier, version FROM ownership WHERE view = $1', [view]);
    const row = rows[0];
    return row === undefined ? null : { view, runId: row.run_id, frontier: Number(row.frontier), version: row.version };
  }

  async putVerification(verification: Verification): Promise<void> {
    await this.#pool.query('INSERT INTO verifications (verification) VALUES ($1)', [JSON.stringify(verification)]);
    await this.#pool.query('DELETE FROM verifications WHERE ordinal <= (SELECT max(ordinal) FROM verifications) - $1', [KEPT_VERIFICATIONS]);
  }

  async lastVerification(): Promise<Verification | null> {
    const { rows } = await this.#pool.query<{ verification: Verification }>('SELECT verification FROM verifications ORDER BY ordinal DESC LIMIT 1');
    return rows[0]?.verification ?? null;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #moveFrontier(client: PoolClient, view: string, runId: string, frontier: number): Promise<void> {
    const { rowCount } = await client.query(
      `INSERT INTO ownership (view, run_id, frontier, version) VALUES ($1, $2, $3, 1)
       ON CONFLICT (view) DO UPDATE SET run_id = $2, frontier = $3, version = ownership.version + 1 WHERE ownership.frontier <= $3`,
      [view, runId, frontier],
    );
    if (rowCount === 1) return;
    throw new WeirError('FRONTIER_BACKWARDS', `Run '${runId}' would move the frontier of view '${view}' back.`, { remedy: 'Replay up to the present end of the log.' });
  }

  async #transaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      await work(client);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
}

/** A watermark as a bigint column holds it. */
function stored(watermark: number): number {
  return Math.max(-MAX_TIMESTAMP, Math.min(MAX_TIMESTAMP, Math.floor(watermark)));
}
