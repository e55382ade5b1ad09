/** How many runs a property gets: `normal`, or as many as the environment variable WEIR_RUNS says (npm run test:deep sets it). */
export function cases(normal: number): number {
  const runs = Number(process.env['WEIR_RUNS'] ?? normal);
  if (Number.isInteger(runs) && runs > 0) return runs;
  throw new Error(`WEIR_RUNS is ${process.env['WEIR_RUNS']}; it must be a whole number above 0.`);
}
