/** One layer of the map: where its projects lie, whom their production files may import, and whether they must be pure. */
export interface Layer {
  /** The value of the `layer:` tag. */
  readonly name: string;
  /** Folders of the projects that bear the tag, from the root; a trailing `/*` stands for every folder inside. */
  readonly folders: readonly string[];
  /** Layers that its production files may import. */
  readonly mayImport: readonly string[];
  /** True where clocks, randomness, timers, `process` and `node:*` are forbidden. */
  readonly pure?: true;
  /** The npm packages that production files may import; absent means any that the project declares. */
  readonly packages?: readonly string[];
}

const libraries = [
  'model', 'schema', 'operators', 'topology', 'format', 'codecs', 'state', 'connector-api', 'connector', 'runtime',
  'pipelines', 'views', 'evidence', 'testkit', 'test-driver', 'settings', 'telemetry',
] as const;

/** Who may import whom; the one place where it is said. Lint enforces it, `tidy` compares the tags with the folders. */
export const layers: readonly Layer[] = [
  { name: 'model', folders: ['libs/model'], mayImport: [], pure: true, packages: [] },
  { name: 'schema', folders: ['libs/schema'], mayImport: ['model'], pure: true, packages: ['typebox', 'typebox/*'] },
  { name: 'operators', folders: ['libs/operators'], mayImport: ['model'], pure: true, packages: [] },
  { name: 'topology', folders: ['libs/topology'], mayImport: ['model', 'schema', 'operators'], pure: true, packages: [] },
  { name: 'format', folders: ['libs/record-batch'], mayImport: ['model'] },
  { name: 'codecs', folders: ['libs/codecs'], mayImport: ['model', 'schema', 'format', 'connector-api'] },
  { name: 'state', folders: ['libs/state'], mayImport: ['model'] },
  { name: 'connector-api', folders: ['libs/connectors/api'], mayImport: ['model', 'format'] },
  { name: 'connector', folders: ['libs/connectors/*'], mayImport: ['model', 'connector-api', 'format'] },
  { name: 'runtime', folders: ['libs/runtime'], mayImport: ['model', 'operators', 'topology', 'state', 'format', 'connector-api'] },
  { name: 'pipelines', folders: ['libs/pipelines'], mayImport: ['model', 'schema', 'operators', 'topology'], pure: true, packages: [] },
  { name: 'views', folders: ['libs/views'], mayImport: ['model', 'schema', 'operators', 'topology', 'pipelines'], pure: true, packages: [] },
  { name: 'evidence', folders: ['libs/evidence'], mayImport: ['model', 'topology', 'operators', 'runtime', 'views', 'connector-api'] },
  { name: 'testkit', folders: ['libs/testkit'], mayImport: ['model', 'schema', 'format', 'connector-api', 'state'] },
  {
    name: 'test-driver',
    folders: ['libs/test-driver'],
    mayImport: ['model', 'schema', 'operators', 'topology', 'runtime', 'state', 'codecs', 'format', 'connector-api', 'testkit'],
  },
  { name: 'settings', folders: ['libs/settings'], mayImport: ['model', 'schema', 'codecs', 'connector-api', 'connector'] },
  { name: 'telemetry', folders: ['libs/telemetry'], mayImport: [] },
  { name: 'dashboards', folders: ['dashboards'], mayImport: ['telemetry'] },
  { name: 'app', folders: ['apps/*'], mayImport: libraries },
  { name: 'tool', folders: ['tools/*'], mayImport: [...libraries, 'tool'] },
  { name: 'workspace', folders: ['.'], mayImport: libraries },
];

/** The folders whose non-test files must be pure. */
export const pureFolders: readonly string[] = layers.filter((layer) => layer.pure === true).flatMap((layer) => layer.folders);
