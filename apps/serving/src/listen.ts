import { WeirError } from '@weir/model';
import type { ServingApp } from './serving-app.ts';

/** Listens; answers the port, which is a free one for 0. Throws SERVING_PORT_IN_USE. */
export async function listen(app: ServingApp, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error;
    throw new WeirError('SERVING_PORT_IN_USE', `Something else listens on port ${port} of ${host}.`, { remedy: 'Stop it, or pass --port with another one.', retryable: true, cause: error });
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
