// @vitest-environment jsdom
import 'livekit-client';
import { vi } from 'vitest';

import { MemoryServer } from '../support/memory';
import { contract } from './contract';
import { LiveKitSide } from './liveKitSide';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('../call/world');
  return inMemory(await original());
});

contract('the provider in memory', () => new MemoryServer());
contract('LiveKit', () => new LiveKitSide(), [
  'requests for permissions',
  'moderation by participants',
]);
