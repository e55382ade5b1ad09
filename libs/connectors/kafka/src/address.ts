import { WeirError } from '@weir/model';

/** Where a broker is. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, or `[address]:port` for IPv6. Throws KAFKA_ADDRESS. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new WeirError('KAFKA_ADDRESS', `'${text}' is no address of a broker.`, { remedy: 'Write it as host:port, several with commas between.' });
}

/** As it is read; the reverse of `parseAddress`. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
