import { CallError, type CallProvider, type JoinGrant } from './model';

/** Loads a provider's adapter, and only here its SDK. */
const adapters: Record<string, (() => Promise<CallProvider>) | undefined> = {
  livekit: async () => only('livekit', (await import('./livekit/provider')).liveKit),
  ...(STREAM_INSTALLED && {
    stream: async () => only('stream', (await import('./stream/provider')).stream),
  }),
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

/** An adapter gets its own provider's grants only. */
function only<Name extends JoinGrant['provider']>(
  name: Name,
  adapter: CallProvider<Extract<JoinGrant, { provider: Name }>>,
): CallProvider {
  type Own = Extract<JoinGrant, { provider: Name }>;
  const own = (grant: JoinGrant): grant is Own => grant.provider === name;
  return {
    connectUser: (grants, signal) =>
      adapter.connectUser(async () => {
        const grant = await grants();
        if (!own(grant)) throw new CallError('provider-missing', grant.provider);
        return grant;
      }, signal),
  };
}
