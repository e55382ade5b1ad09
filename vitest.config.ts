import { defineConfig } from 'vitest/config';

const LEAST_NODE_MAJOR = 24;
if (Number(process.versions.node.split('.')[0]) < LEAST_NODE_MAJOR) {
  throw new Error(
    `Node ${process.versions.node} cannot run the sources. Use the project's own: npx vitest run <path>, or npm test.`,
  );
}

/** One configuration for every project: what differs between tests is said in the tests. */
export default defineConfig({
  test: {
    include: [
      'apps/*/{src,test}/**/*.test.{ts,tsx}',
      'libs/*/src/**/*.test.ts',
      'libs/connectors/*/src/**/*.test.ts',
      'tools/*/{src,test}/**/*.test.ts',
      'dashboards/src/**/*.test.ts',
      'examples/**/*.test.ts',
    ],
    globalSetup: 'tools/test/src/seed.ts',
    setupFiles: 'tools/test/src/seeded-properties.ts',
    exclude: ['**/node_modules/**', '**/fixtures/**', '**/dist/**'],
    pool: 'forks', // native modules (LMDB, chDB) are loaded once per process
    maxWorkers: 2,
    testTimeout: 90_000 + Number(process.env['WEIR_RUNS'] ?? 0) * 50, // a machine may be busy, and its disk slow to sync; deep runs take longer
    hookTimeout: 120_000,
    passWithNoTests: false,
  },
});
