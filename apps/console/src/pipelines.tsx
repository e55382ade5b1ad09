import type { ReactElement } from 'react';
import { BooksOfJob } from './books-of-job.tsx';
import { agoText, clockText, countText, instantText } from './format.ts';
import { Nothing, Panel } from './panel.tsx';
import type { Job, PartitionPosition } from './serving-api.ts';

/** What the speed layer's jobs say of themselves. */
export function Pipelines({ jobs, now }: { readonly jobs: readonly Job[]; readonly now: number }): ReactElement {
  const speed = jobs.filter(({ layer }) => layer === 'speed');
  return (
    <Panel area="pipelines" title="Pipelines of the speed layer" note="How far each has come, and where every record went.">
      {speed.length === 0 ? (
        <Nothing>No job has started yet.</Nothing>
      ) : (
        <div className="jobs">
          {speed.map((job) => (
            <JobCard key={job.pipeline} job={job} now={now} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function JobCard({ job, now }: { readonly job: Job; readonly now: number }): ReactElement {
  const lag = job.partitions.reduce((sum, partition) => sum + partition.lag, 0);
  return (
    <article className="job">
      <h3>
        <span>{job.pipeline}</span>
        <span className={`badge job-${job.state}`}>{job.state}</span>
      </h3>
      <dl className="pairs">
        <div>
          <dt>Watermark</dt>
          <dd className="number">{instantText(job.watermark)}</dd>
        </div>
        <div>
          <dt>Lag</dt>
          <dd className="number">{countText(lag)} records</dd>
        </div>
        <div>
          <dt>Processor time</dt>
          <dd className="number">{job.cpuSeconds.toFixed(1)} s</dd>
        </div>
        <div>
          <dt>Last report</dt>
          <dd className="number">{agoText(Math.max(0, now - job.updatedAt))}</dd>
        </div>
      </dl>
      <PartitionTable job={job} />
      <BooksOfJob books={job.books} />
      {job.error === undefined ? null : <p className="failure">{job.error}</p>}
    </article>
  );
}

function PartitionTable({ job }: { readonly job: Job }): ReactElement {
  return (
    <table className="partitions">
      <caption className="unseen">Lag of {job.pipeline} by partition</caption>
      <thead>
        <tr>
          <th scope="col">Partition</th>
          <th scope="col">Read</th>
          <th scope="col" className="right">Watermark</th>
          <th scope="col" className="right">Lag</th>
        </tr>
      </thead>
      <tbody>
        {job.partitions.map((partition) => (
          <tr key={partition.partition}>
            <th scope="row" className="number">{partition.partition}</th>
            <td>
              <Progress partition={partition} />
            </td>
            <td className="number right">{partition.watermark === null ? '–' : clockText(partition.watermark)}</td>
            <td className="number right">{countText(partition.lag)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Progress({ partition: { position, highWatermark } }: { readonly partition: PartitionPosition }): ReactElement {
  const share = highWatermark === 0 ? 1 : position / highWatermark;
  return (
    <span className="progress" title={`${countText(position)} of ${countText(highWatermark)} records`}>
      <span className="progress-bar" aria-hidden="true">
        <span style={{ inlineSize: `${100 * Math.min(1, share)}%` }} />
      </span>
    </span>
  );
}
