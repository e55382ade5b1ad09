import { codecSettings, dataDirectory, group, logSettings, storeSettings, wholeNumber } from '@weir/settings';

/** What `verify` is told. */
export const verifySettings = {
  usage: 'npm run weir -- verify',
  about: 'Compares every served number of the speed layer with the batch layer, and names the cause of each difference. Exit 1 when one has none.',
  schema: group({
    ...logSettings,
    ...codecSettings,
    data: dataDirectory,
    ...storeSettings,
    examples: wholeNumber({ default: 0, minimum: 0, maximum: 1_000, about: 'differences to show for each view' }),
  }),
};
