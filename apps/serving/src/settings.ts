import { choice, group, storeSettings, supervised, text, wholeNumber } from '@weir/settings';

/** What the process is told. */
export const servingSettings = {
  usage: 'npm run serve --',
  about: 'The serving API: merges the views of both layers, answers over HTTP, streams changes, and serves the console.',
  schema: group({
    ...storeSettings,
    port: wholeNumber({ default: 8080, minimum: 0, maximum: 65_535, about: 'port to listen on; 0 takes a free one' }),
    host: text({ placeholder: 'ADDRESS', default: '127.0.0.1', about: 'address to listen on; 0.0.0.0 for all' }),
    pollMilliseconds: wholeNumber({ default: 1_000, minimum: 10, maximum: 60_000, about: 'time between two looks for changes of a view that is streamed, while none is announced' }),
    logLevel: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info', about: 'what is logged' }),
    supervised,
  }),
};
