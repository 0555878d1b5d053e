import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

import { limitFirstLoad } from './firstLoad.ts';

/** Its licence is not everybody's: see README.md. */
const stream =
  process.env['SALON_WITHOUT_STREAM'] !== '1' &&
  existsSync(new URL('node_modules/@stream-io/video-client', import.meta.url));
const absent = fileURLToPath(new URL('src/call/stream/absent.ts', import.meta.url));
const empty = fileURLToPath(new URL('src/call/stream/noAdapter.ts', import.meta.url));

/**
 * The app freezes `Object.prototype` (tauri.conf.json): what that has cannot be assigned to what
 * inherits from it. Of what Stream's SDK comes with only axios tries.
 */
const axios: Plugin = {
  name: 'axios-on-a-frozen-prototype',
  transform(code, id) {
    if (!id.includes('/node_modules/axios/')) return undefined;
    return code
      .replace(
        /^prototype\.toString = (function[\s\S]*?^\});/m,
        "Object.defineProperty(prototype, 'toString', { value: $1 });",
      )
      .replace('const reducedDescriptors = {};', 'const reducedDescriptors = Object.create(null);');
  },
};

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
  plugins: [svelte(), svelteTesting(), axios, limitFirstLoad('index.html')],
  build: {
    target: 'safari16',
    // Nobody debugs an installed app through its bundle's map, but everybody would load it.
    sourcemap: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { input: { index: 'index.html', guest: 'guest.html' } },
  },
  server: { fs: { allow: ['.', '../icons'] } },
  // However slow the machine is.
  test: { testTimeout: 60_000, setupFiles: ['tests/setup.ts'] },
});
