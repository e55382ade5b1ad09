import { referencePipelines } from '@weir/pipelines';
import { choice, codecSettings, dataDirectory, flag, group, healthFile, list, logSettings, optional, owner, storeSettings, supervised, wholeNumber } from '@weir/settings';

const names = referencePipelines.map(({ name }) => name);

/** What the process is told. */
export const speedSettings = {
  usage: 'npm run speed --',
  about: 'The speed layer: runs pipelines live over the log and writes their views.',
  schema: group({
    ...logSettings,
    ...codecSettings,
    data: dataDirectory,
    ...storeSettings,
    pipelines: list({ words: names, default: names, about: 'which pipelines' }),
    owner,
    changelog: flag({ about: 'also write every result, provisional ones too, to the topic VIEW.changelog, exactly once' }),
    onGap: choice(['fail', 'resume'], { default: 'fail', about: 'when the log no longer has the next record: end with LOG_GAP, or report the gap and go on behind it' }),
    onDamage: choice(['fail', 'hold'], { default: 'fail', about: 'when the next batch of a partition is damaged: end with its error, or hold that partition, go on with the others, and try again every 10 s' }),
    checkpointSeconds: wholeNumber({ default: 10, minimum: 1, maximum: 3_600, about: 'time between two checkpoints' }),
    flushMilliseconds: wholeNumber({ default: 250, minimum: 5, maximum: 60_000, about: 'how long results may wait while there is more in the log; at its end they are written at once' }),
    waitSeconds: optional(wholeNumber({ minimum: 0, maximum: 86_400, about: 'how long to wait while another replica runs the pipelines; default for ever' })),
    healthFile,
    tellTimings: flag({ about: 'tell the parent process when results were computed and written' }),
    supervised,
  }),
};
