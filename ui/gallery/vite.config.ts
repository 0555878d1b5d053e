import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What stands in for what, as the mocks of the tests do. */
const standIns: Record<string, string> = {
  [file('../src/platform/index.ts')]: file('platform.ts'),
  [file('../src/call/providers.ts')]: file('providers.ts'),
};

const inMemory: Plugin = {
  name: 'in-memory',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    if (source === 'vitest') return file('vitest.ts');
    if (!/\/(platform|providers)$/.test(source)) return undefined;
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    return found === null ? null : (standIns[found.id] ?? found);
  },
};

/** The page without a server and without a program: see docs/gallery.md. Nothing of it is shipped. */
export default defineConfig({
  root: file('..'),
  // It is opened as a file.
  base: './',
  define: { STREAM_INSTALLED: 'false' },
  plugins: [inMemory, svelte()],
  build: {
    outDir: file('../../target/gallery/page'),
    emptyOutDir: true,
    sourcemap: false,
    chunkSizeWarningLimit: 2_000,
    // Quicker, and what fails can be read.
    minify: false,
    rolldownOptions: {
      input: { gallery: file('../gallery.html') },
      checks: { bundlerTimings: false },
    },
  },
  server: { fs: { allow: [file('..'), file('../../icons')] } },
});
