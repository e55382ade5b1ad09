import { flag, optional, text, url } from './fields.ts';

/** Where views and catalog are: settings of every program that serves or writes them. */
export const storeSettings = {
  clickhouse: url(['http', 'https'], { environment: 'WEIR_CLICKHOUSE_URL', about: 'where the views are: a ClickHouse server' }),
  clickhouseDatabase: text({ placeholder: 'NAME', default: 'weir', about: 'the database in it' }),
  postgres: url(['postgres', 'postgresql'], { environment: 'WEIR_POSTGRES_URL', about: 'where the catalog is: a Postgres database' }),
};

/** The data directory of a program that keeps state in it, whatever the log is. */
export const dataDirectory = text({ placeholder: 'DIR', about: 'data directory: checkpoints, and the embedded log in log/' });

/** Whether a supervisor started the program. */
export const supervised = flag({ about: 'report to the parent process and end with it' });

/** Who holds the leases. */
export const owner = optional(text({ placeholder: 'NAME', about: 'who holds the leases; a new attempt of the same owner takes over at once. Default: a name of its own' }));
