import { WeirError } from '@weir/model';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** An error answer as RFC 9457 has it, with Weir's code and, where one is to blame, the parameter. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly parameter?: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many clients',
  500: 'Internal error',
  503: 'Temporarily unavailable',
};

/** A refusal that a route throws; the error handler turns it into the answer. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(status: number, code: string, detail: string, parameter?: string) {
    super(detail);
    this.name = 'Refusal';
    this.problem = problem(status, code, detail, parameter);
  }
}

export function problem(status: number, code: string, detail: string, parameter?: string): Problem {
  return { type: `urn:weir:error:${code}`, title: TITLES[status] ?? 'Error', status, detail, code, ...(parameter === undefined ? {} : { parameter }) };
}

/** Answers a problem as `application/problem+json`. */
export function sendProblem(reply: FastifyReply, answer: Problem): FastifyReply {
  if (answer.status === 503) void reply.header('retry-after', '1');
  return reply.code(answer.status).type('application/problem+json').serializer(JSON.stringify).send(answer);
}

/** The error handler of the whole server: nothing that is not meant for clients leaves it. */
export function handleError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = problemOf(error);
  if (answer.status === 500) request.log.error({ err: error }, 'a request failed');
  return sendProblem(reply, answer);
}

function problemOf(error: FastifyError | Error): Problem {
  if (error instanceof Refusal) return error.problem;
  if (error instanceof WeirError) {
    if (error.code === 'VIEW_CURSOR') return problem(400, error.code, sentence(error), 'cursor');
    if (error.retryable) return problem(503, error.code, 'A service that the answer needs does not respond. Ask again in a moment.');
    return problem(500, error.code, 'The answer could not be made; the log of the server says why.');
  }
  if ('validation' in error && error.validation !== undefined) return invalidParameter(error);
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status >= 400 && status < 500) return problem(status, 'SERVING_BAD_REQUEST', error.message);
  return problem(500, 'SERVING_INTERNAL', 'The answer could not be made; the log of the server says why.');
}

function invalidParameter(error: FastifyError): Problem {
  const first = error.validation?.[0];
  const unknown = first?.params['additionalProperty'];
  if (typeof unknown === 'string') return problem(400, 'SERVING_UNKNOWN_PARAMETER', `There is no parameter '${unknown}'. See /docs.`, unknown);
  const name = first?.instancePath.split('/')[1] ?? '';
  const values: unknown = first?.params['allowedValues'];
  const allowed = Array.isArray(values) ? ` (${values.join(', ')})` : '';
  return problem(400, 'SERVING_BAD_PARAMETER', `The parameter '${name}' ${first?.message ?? 'is not valid'}${allowed}. See /docs.`, name);
}

/** The message of a coded error without its code. */
function sentence(error: WeirError): string {
  return error.message.slice(error.message.indexOf(':') + 2);
}
