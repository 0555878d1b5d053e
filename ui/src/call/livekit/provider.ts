import {
  CallError,
  type Call,
  type CallProvider,
  type ConnectedUser,
  type GrantProvider,
  type LiveKitGrant,
  type LocalMedia,
} from '../model';
import { LiveKitCall } from './call';

/**
 * LiveKit has no connection of a user apart from that of a room: here a user is connected when a
 * token for them is in hand, which the backend or Rust has checked.
 */
export const liveKit: CallProvider<LiveKitGrant> = {
  async connectUser(
    grants: GrantProvider<LiveKitGrant>,
    signal?: AbortSignal,
  ): Promise<ConnectedUser> {
    const first = await grants();
    signal?.throwIfAborted();
    let joined: LiveKitCall | undefined;
    let closed = false;
    return {
      identity: first.identity,
      async join(media: LocalMedia, joining?: AbortSignal): Promise<Call> {
        if (closed) throw new CallError('connection-lost');
        const call = (joined = new LiveKitCall(grants, media));
        await call.join(first, joining);
        return call;
      },
      async close(): Promise<void> {
        closed = true;
        await joined?.leave();
      },
    };
  },
};
