/** An error answer as RFC 9457 has it, with Weir's code: `application/problem+json`. */
export function problem(status: number, code: string, title: string, detail: string): string {
  return JSON.stringify({ type: `urn:weir:error:${code}`, title, status, detail, code });
}

/** The media type of a problem. */
export const PROBLEM_TYPE = 'application/problem+json';
