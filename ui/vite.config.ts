import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

/** Its licence is not everybody's: see README.md. */
const stream = existsSync(new URL('node_modules/@stream-io/video-client', import.meta.url));
const absent = fileURLToPath(new URL('src/call/stream/absent.ts', import.meta.url));
const empty = fileURLToPath(new URL('src/call/stream/noAdapter.ts', import.meta.url));

export default defineConfig({
  define: { STREAM_INSTALLED: JSON.stringify(stream) },
  resolve: {
    alias: {
      ...(!stream && { '@stream-io/video-client': absent }),
      // livekit-client has one in it; what two of them patch nobody has tried.
      'webrtc-adapter': empty,
    },
  },
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
