import { CallError, type CallProvider } from './model';

/** Loads a provider's adapter, and only here its SDK. */
const adapters: Record<string, (() => Promise<CallProvider>) | undefined> = {
  livekit: async () => (await import('./livekit/provider')).liveKit,
};

/**
 * The adapter of a provider.
 *
 * @throws CallError `provider-missing` if this build has none.
 */
export async function loadProvider(name: string): Promise<CallProvider> {
  const load = adapters[name];
  if (load === undefined) throw new CallError('provider-missing', name);
  return await load();
}
