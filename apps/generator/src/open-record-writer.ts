import type { Log } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { kafkaOptions } from '@weir/settings';
import type { LogSettings } from '@weir/settings';
import type { RecordWriter } from './record-writer.ts';

/** The writer of the embedded log, or for Kafka the ordinary client. Throws SETTING_INVALID. */
export async function openRecordWriter(settings: LogSettings, log: Log): Promise<RecordWriter> {
  if (settings.log !== 'kafka') return log.writer();
  const { compression, ...reached } = kafkaOptions(settings.kafka);
  if (compression !== undefined && compression !== 'gzip') {
    throw new WeirError('SETTING_INVALID', `The setting 'kafka.compression' is ${compression}, which the generator's client, kafkajs, does not write.`, { remedy: 'Use none or gzip for the generator.' });
  }
  // Only the client that is used is loaded.
  const { KafkajsWriter } = await import('./kafkajs-writer.ts');
  return new KafkajsWriter({ ...reached, isCompressed: compression === 'gzip' });
}
