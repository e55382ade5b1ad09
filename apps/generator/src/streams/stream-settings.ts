import { choice, group, logSettings, optional, text, wholeNumber } from '@weir/settings';
import { DISORDERS } from './arrivals.ts';
import { STREAMS } from './registry.ts';

/** What `stream` is told. */
export const streamSettings = {
  usage: 'npm run generate -- stream STREAM',
  about: `Makes a stream of events from a seed, with known things planted in it. STREAM is one of ${Object.keys(STREAMS).join(', ')}.\nIt goes to topics of the log that do not have records yet, or to a file.`,
  schema: group({
    ...logSettings,
    seed: wholeNumber({ default: 1, minimum: 0, maximum: 2 ** 31 - 1, about: 'the same seed gives the same events' }),
    events: wholeNumber({ default: 20_000, minimum: 1, maximum: 10_000_000, about: 'about how many' }),
    disorder: choice(Object.keys(DISORDERS) as (keyof typeof DISORDERS)[], { default: 'mild', about: 'how far events come late, twice and not at all for a while' }),
    out: optional(text({ placeholder: 'FILE', about: 'write JSON lines in the order of arrival instead, and what is planted to FILE.truth.json' })),
  }),
};
