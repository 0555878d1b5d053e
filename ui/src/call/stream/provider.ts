import {
  CallError,
  type Call,
  type CallProvider,
  type ConnectedUser,
  type GrantProvider,
  type LocalMedia,
  type StreamGrant,
} from '../model';
import { StreamCall } from './call';
import { Connection } from './connection';

/** Stream knows a user before any call: the connection that this makes joins the first one. */
export const stream: CallProvider<StreamGrant> = {
  async connectUser(
    grants: GrantProvider<StreamGrant>,
    signal?: AbortSignal,
  ): Promise<ConnectedUser> {
    const connection = await Connection.open(grants, signal);
    let joined: StreamCall | undefined;
    let closed = false;
    return {
      identity: connection.grant.identity,
      async join(media: LocalMedia, joining?: AbortSignal): Promise<Call> {
        if (closed) throw new CallError('connection-lost');
        const call = (joined = new StreamCall(grants, media));
        await call.join(connection, joining);
        return call;
      },
      async close(): Promise<void> {
        closed = true;
        await joined?.leave();
        await connection.close();
      },
    };
  },
};
