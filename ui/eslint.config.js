import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/** Forbids importing packages and folders, saying why. */
const forbid = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
});

const sdk = {
  group: ['livekit-client'],
  message: 'Only the adapter in call/livekit knows the SDK.',
};
const tauri = { group: ['@tauri-apps/*'], message: 'Only platform/ knows Tauri.' };
const adapter = {
  group: ['**/call/livekit/*', './livekit/*'],
  message: 'Use the call model; the adapter is chosen in one place.',
};
const view = {
  group: ['**/screens/*', '**/components/*'],
  message: 'The call model knows nothing of what shows it.',
};

export default ts.config(
  { ignores: ['dist', 'src/platform/generated'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Keys are our own and known; the rule cannot see that.
      'svelte/require-each-key': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  { files: ['*.js', '*.ts'], languageOptions: { globals: globals.node } },
  { files: ['*.js'], extends: [ts.configs.disableTypeChecked] },
  { files: ['src/**/*.ts', 'src/**/*.svelte'], rules: forbid(sdk, tauri, adapter) },
  { files: ['src/call/**/*.ts'], rules: forbid(sdk, tauri, adapter, view) },
  { files: ['src/call/livekit/**/*.ts'], rules: forbid(tauri, view) },
  { files: ['src/call/providers.ts'], rules: forbid(sdk, tauri, view) },
  { files: ['src/platform/**/*.ts'], rules: forbid(sdk, adapter, view) },
);
