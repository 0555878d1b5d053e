import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The second does nothing outside tests, where it has Svelte resolved as in a browser.
  plugins: [svelte(), svelteTesting()],
  build: {
    target: 'safari16',
    // Nobody debugs an installed app through its bundle's map, but everybody would load it.
    sourcemap: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { input: { index: 'index.html', guest: 'guest.html' } },
  },
  // However slow the machine is.
  test: { testTimeout: 60_000, setupFiles: ['tests/setup.ts'] },
});
