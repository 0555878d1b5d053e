/** For tests in a browser without Tauri: the page says where the host is. Never shipped. */
import { install } from './install';
import type { Opened } from './wire';

const { __WEBRTC_ENDPOINT__: endpoint } = globalThis as { __WEBRTC_ENDPOINT__?: Opened };
if (endpoint) install(window, () => Promise.resolve(endpoint));
