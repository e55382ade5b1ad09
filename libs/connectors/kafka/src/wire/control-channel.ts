import type { Connection as PlatformaticConnection } from '@platformatic/kafka';
import { GenericError, Reader, ResponseError } from '@platformatic/kafka';
import type { Writer } from '@platformatic/kafka';
import { WeirError } from '@weir/model';
import type { Connection } from './connection.ts';
import { NOT_ATTEMPTED, brokerError, malformed } from './errors.ts';

/** One call of the protocol modules: they write the request and read the response. */
interface ControlCall<Args extends readonly unknown[], Response> {
  (connection: PlatformaticConnection, ...args: [...Args, (error: Error | null, response?: Response) => void]): void;
}

/** What a caller asks for beside the answer. */
export interface CallOptions {
  /** Answer a response of which parts are errors, for the caller to look at; default false, which throws the first of them. */
  readonly partly?: boolean;
}

/** The `send` that the maintained client's protocol modules call. */
type Send = PlatformaticConnection['send'];

/**
 * Calls what needs no speed by the protocol modules of the maintained client, over a connection of our own: one way to TLS,
 * authentication and deadlines for all requests. Throws the coded error of what the broker answered; `doing` is a clause such as
 * "looking up orders".
 */
export async function call<Args extends readonly unknown[], Response>(
  connection: Connection,
  api: ControlCall<Args, Response>,
  args: Args,
  doing: string,
  milliseconds: number,
  { partly = false }: CallOptions = {},
): Promise<Response> {
  const send: Send = (key, version, createPayload, parse, requestTags, responseTags, callback) => {
    void (async () => {
      const payload: Writer = await createPayload();
      const response = await connection.request({ key, version, flexible: requestTags, plainResponse: !responseTags }, payload.buffers, milliseconds);
      try {
        return await parse(0, key, version, Reader.from(Buffer.from(response.bytes)));
      } finally {
        response.release();
      }
    })().then(
      (parsed) => callback(null, parsed),
      (error: unknown) => callback(error as Error),
    );
  };
  const channel = { send } as unknown as PlatformaticConnection;
  try {
    return await new Promise<Response>((resolve, reject) => {
      api(channel, ...args, (error, response) => (error === null ? resolve(response as Response) : reject(error)));
    });
  } catch (error) {
    if (partly && error instanceof ResponseError && error['response'] !== undefined) return error['response'] as Response;
    throw coded(error, doing);
  }
}

function coded(error: unknown, doing: string): unknown {
  if (error instanceof WeirError) return error;
  // What the parsers throw where a response ends too early.
  if (error instanceof RangeError) return malformed(error);
  if (!GenericError.isGenericError(error as Error)) return error;
  const code = brokerCodeOf(error);
  return code === undefined ? malformed(error) : brokerError(code, doing);
}

/** The error code of a broker in an error of the protocol modules: the first that is one, as others are not attempted for its sake. */
function brokerCodeOf(error: unknown): number | undefined {
  const codes = brokerCodesOf(error);
  return codes.find((code) => code !== NOT_ATTEMPTED) ?? codes[0];
}

function brokerCodesOf(error: unknown): readonly number[] {
  if (typeof error !== 'object' || error === null) return [];
  if ('apiCode' in error && typeof error.apiCode === 'number') return [error.apiCode];
  return 'errors' in error && Array.isArray(error.errors) ? (error.errors as readonly unknown[]).flatMap(brokerCodesOf) : [];
}
