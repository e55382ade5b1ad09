import { WeirError } from '@weir/model';

/** Refuses an option of an aggregate that is no whole number in [least, most], both inclusive. Throws AGGREGATE_OPTION. */
export function checkWhole(aggregate: string, option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw optionError(aggregate, option, value, `a whole number from ${least} to ${most}`);
}

/** Refuses an option that is not in (least, most), both exclusive. Throws AGGREGATE_OPTION. */
export function checkBetween(aggregate: string, option: string, value: number, least: number, most: number): void {
  if (value > least && value < most) return;
  throw optionError(aggregate, option, value, `a number between ${least} and ${most}, both left out`);
}

export function optionError(aggregate: string, option: string, value: unknown, wanted: string): WeirError {
  return new WeirError('AGGREGATE_OPTION', `The option '${option}' of ${aggregate} cannot be ${String(value)}.`, { remedy: `Use ${wanted}.` });
}
