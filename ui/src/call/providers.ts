import type { CallProvider } from './model';

/** The adapter of a provider; its SDK is only loaded here. */
export async function loadProvider(name: 'livekit'): Promise<CallProvider> {
  switch (name) {
    case 'livekit':
      return (await import('./livekit/provider')).liveKit;
  }
}
