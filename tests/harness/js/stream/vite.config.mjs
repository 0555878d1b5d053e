// Builds the page with the tools and the SDK of `ui/`, where they are installed.
import { fileURLToPath } from 'node:url';

const installed = new URL('../../../../ui/node_modules/', import.meta.url);
const sdk = '@stream-io/video-client';

export default {
  base: './',
  resolve: { alias: { [sdk]: fileURLToPath(new URL(sdk, installed)) } },
  build: { target: 'safari16', chunkSizeWarningLimit: 2000, emptyOutDir: true },
};
