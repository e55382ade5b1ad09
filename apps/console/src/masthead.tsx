import type { ReactElement } from 'react';
import { instantText } from './format.ts';
import type { PlatformState } from './platform-state.ts';
import type { Jobs } from './serving-api.ts';

/** The name, the state of the platform and the time in the shop. */
export function Masthead({ state, jobs }: { readonly state: PlatformState; readonly jobs: Jobs | null }): ReactElement {
  const watermarks = (jobs?.jobs ?? []).flatMap(({ layer, watermark }) => (layer === 'speed' && watermark !== null ? [watermark] : []));
  const version = jobs?.jobs[0]?.codeVersion;
  return (
    <header className="masthead">
      <div className="brand">
        <img src="/weir.svg" alt="" width="34" height="34" />
        <div>
          <h1>Weir</h1>
          <p>One pipeline, two layers, one number</p>
        </div>
      </div>
      <div className={`state state-${state.kind}`} role="status">
        <span className="state-title">
          <span className="dot" aria-hidden="true" />
          {state.title}
        </span>
        <span className="state-detail">{state.detail}</span>
      </div>
      <dl className="facts">
        <div>
          <dt>Watermark (shop time, UTC)</dt>
          <dd className="number">{watermarks.length === 0 ? '–' : instantText(Math.min(...watermarks))}</dd>
        </div>
        <div>
          <dt>Code</dt>
          <dd className="number">{version === undefined ? '–' : version.slice(0, 12)}</dd>
        </div>
        <div>
          <dt>API</dt>
          <dd>
            <a href="/docs">Docs</a>
          </dd>
        </div>
      </dl>
    </header>
  );
}
