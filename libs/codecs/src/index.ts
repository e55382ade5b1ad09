export { json } from './json.ts';
export { jsonTwin } from './json-twin.ts';
