// @vitest-environment jsdom
import { vi } from 'vitest';

import { contract } from './contract';
import { StreamSide } from './streamSide';

vi.mock('@stream-io/video-client', async () => (await import('../stream/service')).sdk);

contract('Stream', () => new StreamSide(), [
  'mute apart from unpublishing',
  'lost connections of others',
  'a right to write',
  'a right to raise a hand',
  'private messages',
  'files',
  'asking to switch on',
  'one connection for each user',
]);
