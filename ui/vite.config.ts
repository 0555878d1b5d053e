import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'safari16',
    // Nobody debugs an installed app through its bundle's map, but everybody would load it.
    sourcemap: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { input: { index: 'index.html', guest: 'guest.html' } },
  },
});
