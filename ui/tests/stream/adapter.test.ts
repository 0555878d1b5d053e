import { expect, it } from 'vitest';

it('Stream’s SDK patches nothing of WebRTC: livekit-client does, and once is enough', async () => {
  // As the SDK imports it.
  const adapter: unknown = await import('webrtc-adapter');
  expect(Object.keys(adapter as object)).toEqual([]);
});
