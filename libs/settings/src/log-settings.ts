import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@weir/connector-api';
import type { KafkaLogOptions } from '@weir/connector-kafka';
import { WeirError } from '@weir/model';
import type { Static } from 'typebox';
import { choice, flag, group, list, optional, secret, text } from './fields.ts';
import { leavesOf } from './leaf.ts';
import { missing } from './setting-error.ts';

const tls = group({
  enabled: flag({ default: true, about: 'speak TLS with the brokers; so does every other setting of TLS' }),
  ca: optional(text({ placeholder: 'FILE', about: 'certificates (PEM) that the brokers are checked with; default those of Node' })),
  cert: optional(text({ placeholder: 'FILE', about: 'certificate (PEM) of this client' })),
  key: optional(secret({ about: 'key (PEM) of this client' })),
  serverName: optional(text({ placeholder: 'HOST', about: 'name that the certificates of the brokers must have; default their host' })),
});

const sasl = group({
  mechanism: choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], { default: 'SCRAM-SHA-512', about: 'how this client says who it is' }),
  username: text({ placeholder: 'NAME', about: 'who it is' }),
  password: secret({ about: 'and the proof' }),
});

/** Which log, and how to reach it: settings of every program that reads or writes one. */
export const logSettings = {
  log: choice(['embedded', 'kafka'], { default: 'embedded', about: 'which log: the one in the data directory, or Kafka' }),
  data: optional(text({ placeholder: 'DIR', about: 'data directory; with the embedded log in log/' })),
  kafka: optional(
    group({
      brokers: list({ pattern: '^[^\\s:]+:\\d{1,5}$|^\\[[0-9a-fA-F:]+\\]:\\d{1,5}$', placeholder: 'HOST:PORT,…', expects: 'a list of host:port, with commas between', about: 'brokers to begin from' }),
      compression: choice(['none', 'gzip', 'snappy', 'lz4', 'zstd'], { default: 'none', about: 'how batches that are written are compressed; what is read may be compressed in any of these ways' }),
      tls: optional(tls),
      sasl: optional(sasl),
    }),
  ),
};

const schema = group(logSettings);

/** What opens a log. */
export type LogSettings = Static<typeof schema>;

/** Opens the log that was chosen; `warn` hears of what its connector has mended by itself. Throws SETTING_MISSING or SETTING_INVALID, and what its connector throws. */
export async function openLog({ log, data, kafka }: LogSettings, clientId: string, warn: (message: string) => void): Promise<Log> {
  // Only the client that is used is loaded.
  if (log === 'kafka') {
    const { openKafkaLog } = await import('@weir/connector-kafka');
    return openKafkaLog({ ...kafkaOptions(kafka), clientId, warn });
  }
  if (data === undefined) throw needed('data', ", and the log is 'embedded'");
  const { openEmbeddedLog } = await import('@weir/connector-embedded-log');
  return openEmbeddedLog(join(data, 'log'));
}

function needed(name: string, why: string): WeirError {
  return missing(leavesOf(schema).find((leaf) => leaf.name === name)!, why);
}

/** How Kafka is reached, and what is written compressed with. Throws SETTING_MISSING or SETTING_INVALID. */
export function kafkaOptions(kafka: LogSettings['kafka']): KafkaLogOptions {
  if (kafka === undefined) throw needed('kafka.brokers', ", and the log is 'kafka'");
  const { brokers, compression, tls: secured, sasl: who } = kafka;
  const options = { brokers, ...(compression === 'none' ? {} : { compression }), ...(who === undefined ? {} : { sasl: who }) };
  if (secured?.enabled !== true) return options;
  const { ca, cert, key, serverName } = secured;
  return {
    ...options,
    tls: {
      ...(ca === undefined ? {} : { ca: pem('kafka.tls.ca', ca) }),
      ...(cert === undefined ? {} : { cert: pem('kafka.tls.cert', cert) }),
      ...(key === undefined ? {} : { key }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    },
  };
}

function pem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new WeirError('SETTING_INVALID', `The setting '${name}' names ${path}, which cannot be read.`, { remedy: 'Name a PEM file that this user may read.', cause });
  }
}
