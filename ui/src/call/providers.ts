import type { CallProvider } from './model';

/** Loads a provider's adapter, and only here its SDK. */
const adapters = {
  livekit: async (): Promise<CallProvider> => (await import('./livekit/provider')).liveKit,
} as const;

/** The adapter of a provider. */
export async function loadProvider(name: keyof typeof adapters): Promise<CallProvider> {
  return await adapters[name]();
}
