export { startRegistryServer } from './registry-server.ts';
export type { RegistryServer, RegistryServerOptions } from './registry-server.ts';
