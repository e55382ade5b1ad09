import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { layers, pureFolders } from './tools/lint/src/dependency-law.ts';
import { typedRules } from './tools/lint/src/typed-rules.ts';

const tests = ['**/*.test.{ts,tsx}', '**/*.bench.ts', '**/fixtures/**'];
const purely = 'The pure libraries take time and chance as input, so that a replay gives the same bytes.';

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', 'tools/*/fixtures/**', '.nx/**', '.weir/**', 'coverage/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['**/*.{js,mjs}'], ...js.configs.recommended, languageOptions: { globals: { process: 'readonly', performance: 'readonly', setTimeout: 'readonly', fetch: 'readonly', AbortSignal: 'readonly', console: 'readonly' } } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [js.configs.recommended, tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-undef': 'off', // the compiler's work
      'no-unused-vars': 'off',
      'no-redeclare': 'off',
      'no-dupe-class-members': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-implied-eval': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': false, 'ts-ignore': true, 'ts-nocheck': true }],
      ...typedRules,
    },
  },
  {
    // What must not compile has, on the way, the type of an error.
    files: ['**/*.types.test.ts'],
    rules: Object.fromEntries(Object.keys(typedRules).filter((name) => name.includes('no-unsafe')).map((name) => [name, 'off'])),
  },
  {
    files: ['{apps,libs,tools,examples,dashboards}/**/*.{ts,tsx}'],
    ignores: tests,
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          enforceBuildableLibDependency: false,
          depConstraints: layers.map((layer) => ({
            sourceTag: `layer:${layer.name}`,
            onlyDependOnLibsWithTags: layer.mayImport.map((name) => `layer:${name}`),
            ...(layer.packages === undefined ? {} : { allowedExternalImports: [...layer.packages] }),
          })),
        },
      ],
    },
  },
  {
    files: pureFolders.map((folder) => `${folder}/**/*.ts`),
    ignores: tests,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: purely }] }],
      'no-restricted-globals': [
        'error',
        ...['Date', 'Temporal', 'performance', 'process', 'console', 'crypto', 'globalThis', 'fetch', 'Buffer', 'require',
          'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({ name, message: purely })),
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: purely }],
      'no-restricted-syntax': ['error', { selector: 'ImportExpression', message: purely }],
    },
  },
);
