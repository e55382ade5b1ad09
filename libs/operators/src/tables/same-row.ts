/**
 * True when two rows hold the same values: own enumerable properties compared deeply, an absent one equal to `undefined`. It ends at
 * the first difference. What is equal here is equal as JSON, so a restart never turns an equal row into a change.
 */
export function sameRow(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const name of Object.keys(left)) if (!sameRow(left[name], right[name])) return false;
  for (const name of Object.keys(right)) if (right[name] !== undefined && !Object.hasOwn(left, name)) return false;
  return true;
}
