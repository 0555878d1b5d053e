import type { Call, CallProvider, ConnectedUser, LocalMedia, TokenProvider } from '../model';
import { LiveKitCall } from './call';

/**
 * LiveKit has no connection of a user apart from that of a room: here a user is connected when a
 * token for them is in hand, which the backend or Rust has checked.
 */
export const liveKit: CallProvider = {
  async connectUser(tokens: TokenProvider): Promise<ConnectedUser> {
    const first = await tokens();
    return {
      identity: first.identity,
      async join(media: LocalMedia, signal?: AbortSignal): Promise<Call> {
        const call = new LiveKitCall(tokens, media);
        await call.join(first, signal);
        return call;
      },
    };
  },
};
