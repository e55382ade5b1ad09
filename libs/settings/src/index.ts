export { choice, decimalNumber, flag, group, list, optional, secret, text, textLike, url, wholeNumber } from './fields.ts';
export type { Wording } from './fields.ts';
export { beat, healthFile } from './heartbeat.ts';
export { catalogMigrations, codeVersion, viewMigrations } from './installation.ts';
export { logSettings, openLog } from './log-settings.ts';
export type { LogSettings } from './log-settings.ts';
export { readSettings } from './read-settings.ts';
export type { AppSettings, SettingsInput } from './read-settings.ts';
export { dataDirectory, owner, storeSettings, supervised } from './store-settings.ts';
