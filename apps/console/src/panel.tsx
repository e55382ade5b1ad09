import { useId } from 'react';
import type { ReactElement, ReactNode } from 'react';

export interface PanelProps {
  readonly title: string;
  /** One line under the title. */
  readonly note?: ReactNode;
  /** At the right of the title. */
  readonly aside?: ReactNode;
  /** Its place in the grid. */
  readonly area: string;
  readonly children: ReactNode;
}

/** A titled part of the page. */
export function Panel({ title, note, aside, area, children }: PanelProps): ReactElement {
  const id = useId();
  return (
    <section className={`panel area-${area}`} aria-labelledby={id}>
      <header className="panel-head">
        <div>
          <h2 id={id}>{title}</h2>
          {note === undefined ? null : <p className="note">{note}</p>}
        </div>
        {aside === undefined ? null : <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** What stands where there is nothing to show yet. */
export function Nothing({ children }: { readonly children: ReactNode }): ReactElement {
  return <p className="nothing">{children}</p>;
}
