import { choice, group, text, url, wholeNumber } from '@weir/settings';

/** What the process is told. */
export const consoleSettings = {
  usage: 'npm run console --',
  about: 'The console: serves the page, and passes on to the serving API what it asks.',
  schema: group({
    serving: url(['http', 'https'], { about: 'where the serving API is' }),
    port: wholeNumber({ default: 8081, minimum: 0, maximum: 65_535, about: 'port to listen on; 0 takes a free one' }),
    host: text({ placeholder: 'ADDRESS', default: '127.0.0.1', about: 'address to listen on; 0.0.0.0 for all' }),
    logLevel: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info', about: 'what is logged' }),
  }),
};
