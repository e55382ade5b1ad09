import { codecSettings, group, healthFile, logSettings, supervised, wholeNumber } from '@weir/settings';
import { DEFAULT_SEED } from './load.ts';

const seed = wholeNumber({ default: DEFAULT_SEED, minimum: 0, maximum: 2 ** 31 - 1, about: 'of disorder and drawing; a log keeps to that of its first load' });

/** What `load` is told. */
export const loadSettings = {
  usage: 'npm run generate -- load',
  about: 'Loads UCI Online Retail into the log, once; goes on where it was broken off.',
  schema: group({
    ...logSettings,
    ...codecSettings,
    seed,
    lines: wholeNumber({ default: 541_909, minimum: 1, maximum: 541_909, about: 'how many of the lines, in their order of arrival' }),
    healthFile,
    supervised,
  }),
};

/** What `live` is told. */
export const liveSettings = {
  usage: 'npm run generate -- live',
  about: 'A shop that goes on where the log ends: places orders drawn from the real ones until it is stopped.',
  schema: group({
    ...logSettings,
    ...codecSettings,
    seed,
    rate: wholeNumber({ default: 500, minimum: 1, maximum: 100_000, about: 'lines per second of wall time' }),
    speed: wholeNumber({ default: 60, minimum: 1, maximum: 86_400, about: 'shop time per wall time' }),
    healthFile,
    supervised,
  }),
};
