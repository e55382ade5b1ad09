import { referencePipelines } from '@weir/pipelines';
import { codecSettings, decimalNumber, flag, group, healthFile, list, logSettings, optional, storeSettings, supervised, textLike, wholeNumber } from '@weir/settings';

const names = referencePipelines.map(({ name }) => name);
const OFFSETS = '\\d{1,15}(,\\d{1,15})*';
const TIME = '\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+-]\\d\\d:\\d\\d))?';

function place(word: string, about: string) {
  const expects = `'${word}', a time like 2011-12-01 or 2011-12-01T12:00Z, or one offset for each partition, with commas between`;
  return textLike(`^(${word}|${OFFSETS}|${TIME})$`, expects, { placeholder: `${word}|TIME|A,B,…`, default: word, about });
}

/** What the process is told. */
export const reprocessorSettings = {
  usage: 'npm run reprocess --',
  about: 'The batch layer: replays pipelines over a range of the log, and publishes their views.',
  schema: group({
    ...logSettings,
    ...codecSettings,
    ...storeSettings,
    pipelines: list({ words: names, default: names, about: 'which pipelines' }),
    from: place('start', 'where the range begins, inclusive: a record at this offset, or the first that the log was given at this time; a run that does not begin at the start stays unpublished'),
    to: place('end', 'where the range ends, exclusive'),
    together: flag({ default: true, about: 'replay the pipelines side by side, so that each record is read and decoded once; without it one after the other, which keeps the state of one at a time' }),
    recordsPerSecond: optional(wholeNumber({ minimum: 1, maximum: 1_000_000_000, about: 'at most so many records a second' })),
    cpuShare: optional(decimalNumber({ minimum: 0.01, maximum: 1, about: 'at most this share of one processor, so that the live layer keeps the rest' })),
    nice: wholeNumber({ default: 0, minimum: 0, maximum: 19, about: 'how far others go before, where processors are short: 19 most' }),
    once: flag({ default: true, about: 'replay once and end; there is no other way' }),
    healthFile,
    supervised,
  }),
};
