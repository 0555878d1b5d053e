/** The script that the plugin injects: the host is asked for through Tauri. */
import { install } from './install';
import type { Opened } from './wire';

interface TauriInternals {
  invoke(command: string): Promise<unknown>;
}

const internals = (globalThis as { __TAURI_INTERNALS__?: TauriInternals }).__TAURI_INTERNALS__;
if (internals) {
  install(window, () => internals.invoke('plugin:webrtc|open') as Promise<Opened>);
}
