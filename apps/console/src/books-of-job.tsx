import type { ReactElement } from 'react';
import { countText } from './format.ts';
import type { Books } from './serving-api.ts';

const ENTRIES = [
  ['counted', 'Counted'],
  ['filtered', 'Filtered'],
  ['late', 'Late'],
  ['deadLettered', 'Dead-lettered'],
] as const;

/** Where the records of a job went, and whether all of them did. */
export function BooksOfJob({ books }: { readonly books: Books }): ReactElement {
  const missing = books.records - books.counted - books.late - books.filtered - books.deadLettered;
  return (
    <div className="books">
      <h4>
        <span>
          Books: <span className="number">{countText(books.records)}</span> records
        </span>
        {missing === 0 ? <span className="badge good">balanced</span> : <span className="badge bad">{countText(Math.abs(missing))} {missing > 0 ? 'missing' : 'too many'}</span>}
      </h4>
      <div className="stack" aria-hidden="true">
        {ENTRIES.map(([entry]) => (
          <span key={entry} className={`part-${entry}`} style={{ flexGrow: books[entry] }} />
        ))}
      </div>
      <dl className="entries">
        {ENTRIES.map(([entry, name]) => (
          <div key={entry}>
            <dt>
              <span className={`swatch part-${entry}`} aria-hidden="true" /> {name}
            </dt>
            <dd className="number">{countText(books[entry])}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
