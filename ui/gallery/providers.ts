import { CallError, type CallProvider } from '../src/call/model';
import { server } from './server';

/** In place of the adapters: calls are those of the server in memory. */
export function loadProvider(name: string): Promise<CallProvider> {
  return name === 'livekit'
    ? Promise.resolve(server.provider)
    : Promise.reject(new CallError('provider-missing', name));
}
