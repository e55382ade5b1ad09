import type { Check } from './check.ts';
import { fileBudget, functionBudget } from './checks/budgets.ts';
import { deadExports } from './checks/dead-exports.ts';
import { errorCodes } from './checks/error-codes.ts';
import { escapes } from './checks/escapes.ts';
import { fileNames } from './checks/file-names.ts';
import { generated, inStep } from './checks/generated.ts';
import { layerTags } from './checks/layers.ts';
import { machinePaths } from './checks/machine-paths.ts';
import { manifests } from './checks/manifests.ts';
import { markdown } from './checks/markdown.ts';
import { rooms } from './checks/rooms.ts';

/** Every rule of the repository, cheap ones first. */
export const allChecks: readonly Check[] = [
  layerTags,
  manifests,
  rooms,
  fileNames,
  fileBudget,
  functionBudget,
  escapes,
  machinePaths,
  markdown,
  errorCodes,
  inStep(generated),
  deadExports,
];
