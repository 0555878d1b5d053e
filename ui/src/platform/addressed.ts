import type { JoinGrant } from '../call/model';

/**
 * What the address of a page in a plain browser says of the call. `provider` is `livekit` with `server`,
 * or `stream` with `key`, `user`, `name`, `call` (`type:id`) and `base`, the coordinator's address;
 * `token` with either.
 */
export function grantFrom(parameters: URLSearchParams): JoinGrant {
  const get = (name: string): string => parameters.get(name) ?? '';
  const token = get('token');
  if (parameters.get('provider') !== 'stream')
    return { provider: 'livekit', token, serverUrl: get('server'), identity: '', room: '' };
  const [callType = '', callId = ''] = get('call').split(':');
  return {
    provider: 'stream',
    token,
    apiKey: get('key'),
    identity: get('user'),
    name: get('name'),
    callType,
    callId,
    create: true,
    baseUrl: get('base'),
  };
}
