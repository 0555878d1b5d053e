import { fileURLToPath } from 'node:url';

import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/** Forbids importing packages and folders, saying why. */
const forbid = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
});

const liveKit = {
  group: ['livekit-client'],
  message: 'Only the adapter in call/livekit knows the SDK.',
};
const stream = {
  group: ['@stream-io/*'],
  message: 'Only the adapter in call/stream knows the SDK.',
};
const tauri = { group: ['@tauri-apps/*'], message: 'Only platform/ knows Tauri.' };
const adapter = {
  group: ['**/call/livekit/*', './livekit/*', '**/call/stream/*', './stream/*'],
  message: 'Use the call model; the adapter is chosen in one place.',
};
const view = {
  group: ['**/screens/*', '**/components/*'],
  message: 'Nothing but a screen and what stands around it knows what is shown.',
};

const componentImports = fileURLToPath(import.meta.resolve('./lint/component-imports.js'));

export default ts.config(
  { ignores: ['dist', 'src/platform/generated'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    plugins: { 'import-x': importX },
    languageOptions: {
      globals: globals.browser,
      // `parser` is for the scripts of components, also where an import leads into one.
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], parser: ts.parser },
    },
    settings: {
      'import-x/extensions': ['.ts', '.svelte'],
      'import-x/parsers': {
        '@typescript-eslint/parser': ['.ts'],
        [componentImports]: ['.svelte'],
      },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.svelte'] })],
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Imports of types alone leave nothing behind that could run in a circle.
      'import-x/no-cycle': 'error',
      // Keys are our own and known; the rule cannot see that.
      'svelte/require-each-key': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { svelteConfig } },
  },
  { files: ['*.js', '*.ts', 'lint/*.js'], languageOptions: { globals: globals.node } },
  { files: ['*.js', 'lint/*.js'], extends: [ts.configs.disableTypeChecked] },
  { files: ['src/**/*.ts', 'src/**/*.svelte'], rules: forbid(liveKit, stream, tauri, adapter) },
  {
    files: ['src/{app,devices,errors,history,lib,room}/**/*.ts'],
    rules: forbid(liveKit, stream, tauri, adapter, view),
  },
  { files: ['src/call/**/*.ts'], rules: forbid(liveKit, stream, tauri, adapter, view) },
  { files: ['src/call/livekit/**/*.ts'], rules: forbid(stream, tauri, view) },
  { files: ['src/call/stream/**/*.ts'], rules: forbid(liveKit, tauri, view) },
  { files: ['src/call/providers.ts'], rules: forbid(liveKit, stream, tauri, view) },
  { files: ['src/platform/**/*.ts'], rules: forbid(liveKit, stream, adapter, view) },
  // The page is tested on the provider in memory.
  {
    files: ['tests/view/**/*.ts', 'tests/support/**/*.ts'],
    rules: forbid(liveKit, stream, tauri, adapter),
  },
);
