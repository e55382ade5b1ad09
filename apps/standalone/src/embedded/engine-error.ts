const CODE = /Code: (\d+)\./;
/** What a real server answers with 400: the statement or its data is wrong. */
const BAD_REQUEST = new Set([6, 25, 26, 27, 33, 36, 38, 41, 43, 44, 53, 62, 70, 72, 108, 117, 130, 164, 168, 456, 457]);
/** And with 404: something that it names is not there. */
const NOT_FOUND = new Set([46, 47, 50, 56, 60, 81, 115]);
const OTHER_STATUS: Readonly<Record<number, number>> = { 48: 501, 159: 408, 202: 503, 210: 503, 291: 403, 307: 413 };

/** An error worded as the engine words its own. */
export function engineError(code: number, name: string, what: string): Error {
  return new Error(`Code: ${code}. DB::Exception: ${what}. (${name})`);
}

/** How an error goes over HTTP: the status, the code and the text that clients parse. */
export function httpError(error: unknown): { readonly status: number; readonly code: number; readonly text: string } {
  const message = error instanceof Error ? error.message : String(error);
  const match = CODE.exec(message);
  if (match === null) return { status: 500, code: 1002, text: `Code: 1002. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)` };
  const code = Number(match[1]);
  const status = BAD_REQUEST.has(code) ? 400 : NOT_FOUND.has(code) ? 404 : (OTHER_STATUS[code] ?? 500);
  return { status, code, text: message.slice(match.index) };
}
