import { beforeEach, describe, expect, it } from 'vitest';
import { MediaStream } from '../src/media/stream';
import { MediaDevices } from '../src/media/devices';
import type { MediaStreamTrack } from '../src/media/track';
import { RTCPeerConnection } from '../src/peer/connection';
import type { RTCTrackEvent } from '../src/peer/events';
import type { RemoteTrack } from '../src/wire';
import { FIRST_HOST_ID, FakeHost, settle, stateOf, transceiverOf } from './fake-host';

let fake: FakeHost;
beforeEach(() => {
  fake = new FakeHost();
});

async function track(kind: 'audio' | 'video'): Promise<MediaStreamTrack> {
  const stream = await new MediaDevices().getUserMedia({ [kind]: true });
  return stream.getTracks()[0] as MediaStreamTrack;
}

describe('the operations chain', () => {
  it('sends an operation only when the one before it is done', async () => {
    const pc = new RTCPeerConnection();
    fake.hold('pcCreateOffer');
    const offer = pc.createOffer();
    const set = pc.setLocalDescription();
    await settle();
    expect(fake.names).toEqual(['pcCreate', 'pcCreateOffer']);
    await fake.release();
    await Promise.all([offer, set]);
    expect(fake.names).toEqual(['pcCreate', 'pcCreateOffer', 'pcSetLocalDescription']);
  });

  it('goes on after a failure', async () => {
    const pc = new RTCPeerConnection();
    fake.on('pcSetRemoteDescription', () => ({
      error: {
        name: 'RTCError',
        message: 'line 3',
        detail: 'sdp-syntax-error',
        sdpLine: 3,
      },
    }));
    const failing = pc.setRemoteDescription({ type: 'offer', sdp: 'nonsense' });
    const offer = pc.createOffer();
    await expect(failing).rejects.toMatchObject({
      name: 'OperationError',
      errorDetail: 'sdp-syntax-error',
      sdpLineNumber: 3,
    });
    await expect(offer).resolves.toEqual({ type: 'offer', sdp: 'v=0 offer' });
  });

  it('never settles what was under way or waiting when the connection closed', async () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video');
    fake.hold('pcCreateOffer');
    const settled: string[] = [];
    const watch = (name: string, operation: Promise<unknown>): void => {
      const mark = (): number => settled.push(name);
      operation.then(mark, mark);
    };
    watch('under way', pc.createOffer());
    watch('waiting', pc.setLocalDescription());
    watch('a track', sender.replaceTrack(null));
    await settle();
    pc.close();
    await fake.release();
    expect(fake.held).toEqual([]);
    expect(settled).toEqual([]);
    await expect(pc.createOffer()).rejects.toMatchObject({ name: 'InvalidStateError' });
  });

  it('answers the callbacks of the legacy forms', async () => {
    const pc = new RTCPeerConnection();
    const offer = await new Promise((resolve, reject) => void pc.createOffer(resolve, reject));
    expect(offer).toEqual({ type: 'offer', sdp: 'v=0 offer' });
  });
});

describe('descriptions', () => {
  it('leaves an implicit description to the host', async () => {
    const pc = new RTCPeerConnection();
    await pc.setLocalDescription();
    await pc.setLocalDescription({ type: 'offer' });
    expect(fake.all('pcSetLocalDescription').map(({ description }) => description)).toEqual([
      null,
      null,
    ]);
  });

  it('rolls a local offer back before a remote one', async () => {
    const pc = new RTCPeerConnection();
    fake.on('pcSetLocalDescription', () => ({
      value: { state: stateOf({ signalingState: 'have-local-offer' }), added: [], removed: [] },
    }));
    await pc.setLocalDescription({ type: 'offer', sdp: 'v=0' });
    await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    expect(fake.all('pcSetLocalDescription').at(-1)?.description).toEqual({
      type: 'rollback',
      sdp: '',
    });
    expect(fake.names.at(-1)).toBe('pcSetRemoteDescription');
  });

  it('shows the pending description before the current one', async () => {
    const pc = new RTCPeerConnection();
    const offer = { type: 'offer', sdp: 'v=0 1' } as const;
    const answer = { type: 'answer', sdp: 'v=0 2' } as const;
    const descriptions = {
      currentLocal: answer,
      pendingLocal: offer,
      currentRemote: null,
      pendingRemote: null,
    };
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ descriptions }) });
    expect(pc.localDescription?.toJSON()).toEqual(offer);
    expect(pc.currentLocalDescription?.toJSON()).toEqual(answer);
    const shown = pc.localDescription;
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ descriptions }) });
    expect(pc.localDescription).toBe(shown);
  });

  it('refuses candidates before a remote description and without a place', async () => {
    const pc = new RTCPeerConnection();
    const candidate = 'candidate:1 1 udp 1 192.0.2.1 9 typ host';
    await expect(pc.addIceCandidate({ candidate })).rejects.toBeInstanceOf(TypeError);
    await expect(pc.addIceCandidate({ candidate, sdpMid: '0' })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
  });
});

describe('events', () => {
  it('fires one for each state that changed, ICE before the connection', async () => {
    const pc = new RTCPeerConnection();
    const seen: string[] = [];
    for (const type of [
      'connectionstatechange',
      'iceconnectionstatechange',
      'signalingstatechange',
      'icegatheringstatechange',
    ]) {
      pc.addEventListener(type, () => seen.push(`${type} ${pc.connectionState}`));
    }
    const state = stateOf({ iceConnectionState: 'checking', connectionState: 'connecting' });
    await fake.emit({ event: 'pcState', pc: 1, state });
    await fake.emit({ event: 'pcState', pc: 1, state });
    expect(seen).toEqual([
      'iceconnectionstatechange connecting',
      'connectionstatechange connecting',
    ]);
  });

  it('fires signalingstatechange, then track, before the promise settles', async () => {
    const pc = new RTCPeerConnection();
    const id = FIRST_HOST_ID + 1;
    fake.on('pcSetRemoteDescription', () => ({
      value: {
        state: stateOf({
          signalingState: 'have-remote-offer',
          transceivers: [transceiverOf({ id })],
        }),
        added: [
          { transceiver: id, track: FIRST_HOST_ID + 100, trackId: 'TR_1', streams: ['PA_1|x'] },
        ],
        removed: [],
      },
    }));
    const seen: string[] = [];
    pc.onsignalingstatechange = () => seen.push(pc.signalingState);
    pc.ontrack = ({ track: { id: trackId }, streams, transceiver }: RTCTrackEvent) =>
      seen.push(`${trackId} ${streams[0]?.id ?? ''} ${transceiver.mid ?? ''}`);
    await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    seen.push('settled');
    expect(seen).toEqual(['have-remote-offer', 'TR_1 PA_1|x 0', 'settled']);
    const [receiver] = pc.getReceivers();
    expect(receiver?.track.muted).toBe(true);
    const unmuted = new Promise((resolve) => receiver?.track.addEventListener('unmute', resolve));
    await fake.emit({ event: 'trackMuted', track: FIRST_HOST_ID + 100, muted: false });
    await unmuted;
  });

  it('tells that negotiation is needed only when the page is done and signalling is stable', async () => {
    const pc = new RTCPeerConnection();
    let told = 0;
    pc.onnegotiationneeded = () => {
      told += 1;
      expect(pc.signalingState).toBe('stable');
    };
    const needed = (): Promise<void> => fake.emit({ event: 'pcNegotiationNeeded', pc: 1 });
    await needed();
    expect(told).toBe(1);

    // While an operation is under way: afterwards, and once.
    fake.hold('pcCreateOffer');
    const order: string[] = [];
    pc.addEventListener('negotiationneeded', () => order.push('needed'));
    const offer = pc.createOffer().then(() => order.push('offer'));
    await needed();
    await needed();
    expect(told).toBe(1);
    await fake.release();
    await offer;
    await settle();
    expect(order).toEqual(['offer', 'needed']);

    // While the page is negotiating: not at all, for the host looks again when that is over.
    const become = (signalingState: string): void =>
      fake.on('pcSetLocalDescription', () => ({
        value: { state: stateOf({ signalingState }), added: [], removed: [] },
      }));
    become('have-local-offer');
    fake.hold('pcSetLocalDescription');
    const set = pc.setLocalDescription();
    await needed();
    await fake.release();
    await set;
    await settle();
    expect(told).toBe(2);
    become('stable');
    const over = pc.setLocalDescription({ type: 'rollback' });
    await settle();
    await fake.release();
    await needed();
    await over;
    await settle();
    expect(told).toBe(3);
  });

  it('forgets that negotiation was needed once it is over', async () => {
    const pc = new RTCPeerConnection();
    let told = 0;
    pc.onnegotiationneeded = () => (told += 1);
    const states = ['have-remote-offer', 'stable'];
    const described = (): { value: unknown } => ({
      value: { state: stateOf({ signalingState: states.shift() ?? '' }), added: [], removed: [] },
    });
    fake.on('pcSetRemoteDescription', described);
    fake.on('pcSetLocalDescription', described);
    fake.hold('pcSetRemoteDescription');
    const offered = pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    const answered = pc.setLocalDescription();
    await fake.emit({ event: 'pcNegotiationNeeded', pc: 1 });
    await fake.release();
    await Promise.all([offered, answered]);
    await settle();
    expect(pc.signalingState).toBe('stable');
    expect(told).toBe(0);
  });

  it('brings a stream that lost its last track back as a new one', async () => {
    const pc = new RTCPeerConnection();
    const remote = (number: number, streams = ['s']): RemoteTrack => ({
      transceiver: FIRST_HOST_ID + number,
      track: FIRST_HOST_ID + 100 + number,
      trackId: `t${number}`,
      streams,
    });
    const transceivers = [1, 2].map((number) =>
      transceiverOf({ id: FIRST_HOST_ID + number, receiverTrack: FIRST_HOST_ID + 100 + number }),
    );
    const streams: MediaStream[] = [];
    pc.ontrack = (event: RTCTrackEvent) => streams.push(...event.streams);
    const set = async (added: RemoteTrack[], removed: RemoteTrack[]): Promise<void> => {
      const value = { state: stateOf({ transceivers }), added, removed };
      fake.on('pcSetRemoteDescription', () => ({ value }));
      await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    };
    await set([remote(1)], []);
    // One track takes over from the other: the stream lives on.
    await set([remote(2)], [remote(1)]);
    expect(streams[1]).toBe(streams[0]);
    await set([remote(2)], [remote(2)]);
    expect(streams[2]).toBe(streams[0]);
    expect(streams[0]?.getTracks()).toEqual([pc.getReceivers()[1]?.track]);
    await set([], [remote(2)]);
    expect(streams[0]?.active).toBe(false);
    await set([remote(1)], []);
    expect(streams[3]?.id).toBe('s');
    expect(streams[3]).not.toBe(streams[0]);
    expect(streams[0]?.getTracks()).toEqual([]);
  });

  it('takes the track of a transceiver that is rolled back out of its stream', async () => {
    const pc = new RTCPeerConnection();
    const id = FIRST_HOST_ID + 1;
    const named = { transceiver: id, track: FIRST_HOST_ID + 100, trackId: 't', streams: ['s'] };
    const state = stateOf({ transceivers: [transceiverOf({ id })] });
    fake.on('pcSetRemoteDescription', () => ({ value: { state, added: [named], removed: [] } }));
    let stream: MediaStream | undefined;
    pc.ontrack = (event: RTCTrackEvent) => {
      [stream] = event.streams;
    };
    await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    fake.on('pcSetRemoteDescription', () => ({
      value: { state: stateOf(), added: [], removed: [named] },
    }));
    await pc.setRemoteDescription({ type: 'rollback', sdp: '' });
    expect(stream?.getTracks()).toEqual([]);
  });

  it('mutes a received track when a description takes it away, not when its sender pauses', async () => {
    const pc = new RTCPeerConnection();
    const id = FIRST_HOST_ID + 1;
    const track = FIRST_HOST_ID + 100;
    const named = { transceiver: id, track, trackId: 't', streams: ['s'] };
    const state = stateOf({ transceivers: [transceiverOf({ id })] });
    fake.on('pcSetRemoteDescription', () => ({ value: { state, added: [named], removed: [] } }));
    const seen: string[] = [];
    pc.ontrack = (event: RTCTrackEvent) => {
      for (const type of ['mute', 'unmute'] as const) {
        event.track.addEventListener(type, () => seen.push(type));
      }
    };
    await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    await fake.emit({ event: 'trackMuted', track, muted: false });
    await fake.emit({ event: 'trackMuted', track, muted: true });
    await fake.emit({ event: 'trackMuted', track, muted: false });
    expect(seen).toEqual(['unmute']);
    fake.on('pcSetRemoteDescription', () => ({ value: { state, added: [], removed: [named] } }));
    await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    await fake.emit({ event: 'trackMuted', track, muted: false });
    expect(seen).toEqual(['unmute', 'mute', 'unmute']);
  });

  it.each(['close', 'stop'] as const)(
    'ends received tracks after %s(), not inside of it',
    async (way) => {
      const pc = new RTCPeerConnection();
      const transceiver = pc.addTransceiver('video');
      const { track } = transceiver.receiver;
      const seen: string[] = [];
      track.onended = () => seen.push('ended');
      if (way === 'close') pc.close();
      else transceiver.stop();
      seen.push('returned');
      await settle();
      expect(seen).toEqual(['returned', 'ended']);
      expect(track.readyState).toBe('ended');
    },
  );

  it('takes removed tracks out of their streams', async () => {
    const pc = new RTCPeerConnection();
    const id = FIRST_HOST_ID + 1;
    const named = { transceiver: id, track: FIRST_HOST_ID + 100, trackId: 't', streams: ['s'] };
    const state = stateOf({ transceivers: [transceiverOf({ id })] });
    fake.on('pcSetRemoteDescription', () => ({ value: { state, added: [named], removed: [] } }));
    let stream: MediaStream | undefined;
    pc.ontrack = (event: RTCTrackEvent) => {
      [stream] = event.streams;
    };
    await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    const removed: string[] = [];
    if (stream) stream.onremovetrack = ({ track: { id: trackId } }) => removed.push(trackId);
    fake.on('pcSetRemoteDescription', () => ({ value: { state, added: [], removed: [named] } }));
    await pc.setRemoteDescription({ type: 'offer', sdp: 'v=0' });
    expect(removed).toEqual(['t']);
    expect(stream?.getTracks()).toEqual([]);
  });

  it('fires none after close()', async () => {
    const pc = new RTCPeerConnection();
    let fired = 0;
    pc.onconnectionstatechange = () => (fired += 1);
    pc.close();
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ connectionState: 'connected' }) });
    expect(fired).toBe(0);
    expect(pc.connectionState).toBe('closed');
    expect(pc.signalingState).toBe('closed');
  });

  it('fails all connections when the link is lost, and links again when asked', async () => {
    const pc = new RTCPeerConnection();
    const states: string[] = [];
    pc.onconnectionstatechange = () => states.push(pc.connectionState);
    fake.hold('pcCreateOffer');
    const offer = pc.createOffer();
    const rejected = expect(offer).rejects.toMatchObject({ name: 'OperationError' });
    await fake.drop();
    await rejected;
    expect(states).toEqual(['failed']);
    expect(pc.iceConnectionState).toBe('failed');
    new RTCPeerConnection();
    await settle();
    expect(fake.opened).toBe(2);
  });
});

describe('senders', () => {
  it('reuses a transceiver that never sent', async () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video', { direction: 'recvonly' });
    const video = await track('video');
    const stream = new MediaStream([video]);
    expect(pc.addTrack(video, stream)).toBe(sender);
    expect(pc.getTransceivers()).toHaveLength(1);
    expect(pc.getTransceivers()[0]?.direction).toBe('sendrecv');
    expect(() => pc.addTrack(video)).toThrow(
      expect.objectContaining({ name: 'InvalidAccessError' }) as Error,
    );
    await settle();
    expect(fake.names.slice(-3)).toEqual([
      'senderReplaceTrack',
      'senderSetStreams',
      'transceiverSetDirection',
    ]);
    expect(fake.all('senderSetStreams')[0]?.streams).toEqual([stream.id]);
    expect(fake.all('senderReplaceTrack')[0]?.trackId).toBe(video.id);
  });

  it('take a track that has ended, which stays their track', async () => {
    const pc = new RTCPeerConnection();
    const ended = await track('video');
    ended.stop();
    const { sender } = pc.addTransceiver('video');
    await sender.replaceTrack(ended);
    expect(sender.track).toBe(ended);
    expect(pc.addTransceiver(ended).sender.track).toBe(ended);
  });

  it('does not reuse one that has sent', async () => {
    const pc = new RTCPeerConnection();
    const sender = pc.addTrack(await track('video'));
    const { transceiver } = fake.all('pcAddTransceiver')[0] ?? { transceiver: 2 };
    await fake.emit({
      event: 'pcState',
      pc: 1,
      state: stateOf({
        transceivers: [
          transceiverOf({ id: transceiver, direction: 'sendrecv', currentDirection: 'sendrecv' }),
        ],
      }),
    });
    pc.removeTrack(sender);
    expect(sender.track).toBeNull();
    expect(pc.getTransceivers()[0]?.direction).toBe('recvonly');
    expect(pc.addTrack(await track('video'))).not.toBe(sender);
  });

  it('names the track and its streams to the host', async () => {
    const pc = new RTCPeerConnection();
    const audio = await track('audio');
    pc.addTransceiver(audio, { direction: 'sendonly', streams: [new MediaStream([audio])] });
    await settle();
    const [{ init } = { init: undefined }] = fake.all('pcAddTransceiver');
    expect(init).toMatchObject({
      track: FIRST_HOST_ID,
      trackId: audio.id,
      direction: 'sendonly',
      byAddTrack: false,
    });
  });

  it('ignores a direction that there is none of, but not in an init', async () => {
    const pc = new RTCPeerConnection();
    const transceiver = pc.addTransceiver('audio', { direction: 'sendonly' });
    (transceiver as { direction: unknown }).direction = 'both';
    await settle();
    expect(transceiver.direction).toBe('sendonly');
    expect(fake.all('transceiverSetDirection')).toEqual([]);
    expect(() => (transceiver.direction = 'stopped')).toThrow(TypeError);
    expect(() => pc.addTransceiver('audio', { direction: 'both' })).toThrow(TypeError);
    pc.close();
    (transceiver as { direction: unknown }).direction = 'both';
    expect(() => (transceiver.direction = 'inactive')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }) as Error,
    );
  });

  it('keeps the direction that the page set while an older snapshot arrives', async () => {
    const pc = new RTCPeerConnection();
    const transceiver = pc.addTransceiver('audio');
    transceiver.direction = 'inactive';
    const snapshot = transceiverOf({ id: 2, kind: 'audio', direction: 'sendrecv' });
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ transceivers: [snapshot] }) });
    expect(transceiver.direction).toBe('inactive');
  });

  it('ends what a rollback takes away', async () => {
    const pc = new RTCPeerConnection();
    const snapshot = transceiverOf({ id: FIRST_HOST_ID + 1 });
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ transceivers: [snapshot] }) });
    const [transceiver] = pc.getTransceivers();
    expect(transceiver?.receiver.track.readyState).toBe('live');
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf() });
    expect(pc.getTransceivers()).toEqual([]);
    expect(transceiver?.stopped).toBe(true);
    expect(transceiver?.receiver.track.readyState).toBe('ended');
  });

  it('refuses tracks that cannot be sent', () => {
    const pc = new RTCPeerConnection();
    const { track: received } = pc.addTransceiver('video').receiver;
    expect(() => pc.addTrack(received)).toThrow(
      expect.objectContaining({ name: 'NotSupportedError' }) as Error,
    );
    expect(() => pc.addTrack({} as MediaStreamTrack)).toThrow(TypeError);
  });
});

describe('statistics', () => {
  it('come as a map of W3C dictionaries', async () => {
    const pc = new RTCPeerConnection();
    const inbound = { id: 'IT1', type: 'inbound-rtp', timestamp: 1, packetsReceived: 7 };
    fake.on('pcGetStats', ({ side }) => ({ value: side === 'sender' ? {} : { IT1: inbound } }));
    const report = await pc.getStats();
    expect(report).toBeInstanceOf(Map);
    expect(report.get('IT1')).toEqual(inbound);
    const { sender, receiver } = pc.addTransceiver('video');
    expect((await sender.getStats()).size).toBe(0);
    expect((await pc.getStats(receiver.track)).size).toBe(1);
    await expect(pc.getStats(await track('video'))).rejects.toMatchObject({
      name: 'InvalidAccessError',
    });
  });

  it('name tracks as the page does, on reused sections and after replaceTrack', async () => {
    const pc = new RTCPeerConnection();
    const { sender, receiver } = pc.addTransceiver('video');
    const snapshot = transceiverOf({ id: 2, mid: '0', direction: 'sendrecv' });
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ transceivers: [snapshot] }) });
    const inbound = { id: 'I2', type: 'inbound-rtp', mid: '0', trackIdentifier: 'TR_second' };
    fake.on('pcGetStats', () => ({ value: { I2: inbound } }));
    for (const report of [await pc.getStats(), await receiver.getStats()]) {
      expect(report.get('I2')).toMatchObject({ trackIdentifier: receiver.track.id });
    }
    const next = await track('video');
    await sender.replaceTrack(next);
    expect(fake.all('senderReplaceTrack').map(({ trackId }) => trackId)).toEqual([next.id]);
  });
});
