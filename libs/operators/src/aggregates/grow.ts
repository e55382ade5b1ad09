/** A Float64Array of at least `capacity`, with what was there. */
export function grownFloats(floats: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  if (floats.length >= capacity) return floats;
  const grown = new Float64Array(Math.max(capacity, floats.length * 2));
  grown.set(floats);
  return grown;
}
