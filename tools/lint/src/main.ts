/**
 * Runs eslint through nx: the rule that enforces the dependency law reads the project graph that nx leaves on disk, and is
 * silent without one. Arguments are eslint's own; without any, the whole repository is checked.
 */
import { runNx } from './run-nx.ts';

const args = process.argv.slice(2);
process.exit(runNx('weir:lint', args.length === 0 ? ['.'] : args, true).exitCode);
