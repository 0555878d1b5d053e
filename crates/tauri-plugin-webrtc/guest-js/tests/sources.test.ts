import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RTCPeerConnection } from '../src/peer/connection';
import { FIRST_HOST_ID, FakeHost, settle, stateOf, transceiverOf } from './fake-host';

let fake: FakeHost;
let track = FIRST_HOST_ID + 100;

beforeEach(() => {
  // The host gives no id twice.
  track += 1;
  fake = new FakeHost();
});
afterEach(() => vi.useRealTimers());

/** A receiver of sound whose track the host knows. */
async function receiver(): Promise<RTCRtpReceiver> {
  const pc = new RTCPeerConnection();
  const transceiver = pc.addTransceiver('audio', { direction: 'recvonly' });
  await settle();
  const [{ transceiver: id } = { transceiver: 0 }] = fake.all('pcAddTransceiver');
  const transceivers = [transceiverOf({ id, kind: 'audio', receiverTrack: track })];
  await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ transceivers }) });
  return transceiver.receiver as unknown as RTCRtpReceiver;
}

const told = (audioLevel: number | null, age = 0): Promise<void> =>
  fake.emit({
    event: 'audioLevel',
    track,
    level: 0,
    source: { source: 4711, rtpTimestamp: 960, age, audioLevel },
  });

describe('getSynchronizationSources', () => {
  it('has the level that came last, once the host has told of one', async () => {
    const of = await receiver();
    expect(of.getSynchronizationSources()).toEqual([]);
    await settle();
    expect(fake.all('watchLevel')).toMatchObject([{ track, on: true }]);
    const before = performance.timeOrigin + performance.now();
    await told(0.25);
    const [source] = of.getSynchronizationSources();
    expect(source).toMatchObject({ source: 4711, rtpTimestamp: 960, audioLevel: 0.25 });
    expect(source?.timestamp).toBeGreaterThanOrEqual(before);
    await told(null);
    expect(of.getSynchronizationSources()[0]).not.toHaveProperty('audioLevel');
    // However often it is asked, the host is told once.
    expect(fake.all('watchLevel')).toHaveLength(1);
  });

  it('forgets who has sent nothing for ten seconds', async () => {
    const of = await receiver();
    of.getSynchronizationSources();
    await settle();
    await told(0.5, 10_001);
    expect(of.getSynchronizationSources()).toEqual([]);
  });

  it('lets the host rest when nobody asks any more', async () => {
    const of = await receiver();
    await settle();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    of.getSynchronizationSources();
    vi.advanceTimersByTime(2_900);
    of.getSynchronizationSources();
    vi.advanceTimersByTime(2_900);
    await settle();
    expect(fake.all('watchLevel')).toHaveLength(1);
    vi.advanceTimersByTime(100);
    await settle();
    expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true, false]);
  });

  it('is empty for pictures', async () => {
    const pc = new RTCPeerConnection();
    const { receiver: of } = pc.addTransceiver('video');
    expect(of.getSynchronizationSources()).toEqual([]);
    await settle();
    expect(fake.all('watchLevel')).toEqual([]);
  });
});
