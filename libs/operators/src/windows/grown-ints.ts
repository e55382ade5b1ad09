/** An Int32Array of at least `length`, at least twice as long as before, with what was there. */
export function grownInts(ints: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(Math.max(length, ints.length * 2));
  grown.set(ints);
  return grown;
}
