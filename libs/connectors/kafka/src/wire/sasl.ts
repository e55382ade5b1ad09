import { createHash, createHmac, pbkdf2 as pbkdf2Callback, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { WeirError } from '@weir/model';

const pbkdf2 = promisify(pbkdf2Callback);

/** How a client says who it is. */
export interface Sasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

/** Sends one message of the exchange and answers the server's. */
export type Exchange = (message: Uint8Array) => Promise<Uint8Array>;

/** Runs the exchange of a mechanism (RFC 4616, RFC 5802). Throws KAFKA_CREDENTIALS when the server cannot prove that it knows the password either. */
export async function authenticate({ mechanism, username, password }: Sasl, exchange: Exchange): Promise<void> {
  if (mechanism === 'PLAIN') {
    await exchange(Buffer.from(`\0${username}\0${password}`));
    return;
  }
  await scram(mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', username, password, exchange);
}

const LEAST_ITERATIONS = 4096;
/** More would be a server's way to keep a client busy. */
const MOST_ITERATIONS = 1_000_000;
const NONCE_BYTES = 24;

async function scram(hash: 'sha256' | 'sha512', username: string, password: string, exchange: Exchange): Promise<void> {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const first = `n=${name},r=${nonce}`;
  const serverFirst = Buffer.from(await exchange(Buffer.from(`n,,${first}`))).toString();
  const { r, s, i } = fieldsOf(serverFirst);
  const iterations = Number(i);
  if (r === undefined || s === undefined || !r.startsWith(nonce) || !(iterations >= LEAST_ITERATIONS && iterations <= MOST_ITERATIONS)) throw untrusted('began the exchange in a way that is not allowed');
  // Not prepared by RFC 4013: Kafka's own clients and tools do not.
  const key = await pbkdf2(password, Buffer.from(s, 'base64'), iterations, hash === 'sha256' ? 32 : 64, hash);
  const mac = (secret: Uint8Array, text: string): Buffer => createHmac(hash, secret).update(text).digest();
  const clientKey = mac(key, 'Client Key');
  const withoutProof = `c=biws,r=${r}`;
  const signed = `${first},${serverFirst},${withoutProof}`;
  const signature = mac(createHash(hash).update(clientKey).digest(), signed);
  const proof = clientKey.map((byte, at) => byte ^ signature[at]!);
  const serverLast = Buffer.from(await exchange(Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`))).toString();
  const verifier = Buffer.from(fieldsOf(serverLast)['v'] ?? '', 'base64');
  const expected = mac(mac(key, 'Server Key'), signed);
  if (verifier.length !== expected.length || !timingSafeEqual(verifier, expected)) throw untrusted('does not know the password itself');
}

function fieldsOf(message: string): Readonly<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}

function untrusted(what: string): WeirError {
  return new WeirError('KAFKA_CREDENTIALS', `The broker ${what}.`, { remedy: 'Check that the address is that of your broker.' });
}
