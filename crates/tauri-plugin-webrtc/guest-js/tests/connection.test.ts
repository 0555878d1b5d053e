import { beforeEach, describe, expect, it } from 'vitest';
import { MediaStream } from '../src/media/stream';
import { MediaDevices } from '../src/media/devices';
import type { MediaStreamTrack } from '../src/media/track';
import { RTCPeerConnection } from '../src/peer/connection';
import type { RTCTrackEvent } from '../src/peer/events';
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

  it('never settles what was waiting when the connection closed', async () => {
    const pc = new RTCPeerConnection();
    fake.hold('pcCreateOffer');
    void pc.createOffer();
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    pc.setLocalDescription().then(mark, mark);
    await settle();
    pc.close();
    await fake.release();
    expect(settled).toBe(false);
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
});
