import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toWire } from '../src/media/constraints';
import { MediaDevices } from '../src/media/devices';
import { DisplaySourcesEvent } from '../src/media/display';
import { MediaStream } from '../src/media/stream';
import { MediaStreamTrack } from '../src/media/track';
import { noise } from '../src/audio/level';
import { vp8Size } from '../src/playback/decoder';
import { RTCIceCandidate } from '../src/peer/description';
import { decodeBinary } from '../src/binary';
import { FIRST_HOST_ID, FakeHost, settle } from './fake-host';

const PICTURE = {
  type: 'picture',
  track: 1,
  keyFrame: true,
  codec: 'vp8',
  rtpTimestamp: 0,
  counter: 0,
  arrival: 0,
} as const;

let fake: FakeHost;
beforeEach(() => {
  fake = new FakeHost();
});

describe('constraints', () => {
  it('reads bare values as ideals', () => {
    expect(
      toWire({
        deviceId: 'x',
        width: 640,
        height: { min: 100, exact: 480 },
        echoCancellation: { exact: false },
        autoGainControl: true,
        facingMode: 'user',
      }),
    ).toEqual({
      deviceId: { ideal: ['x'], exact: [] },
      width: { ideal: 640 },
      height: { min: 100, exact: 480 },
      echoCancellation: false,
      autoGainControl: true,
    });
  });

  it('reads lists of exact devices', () => {
    expect(toWire({ deviceId: { exact: ['a', 'b'] } }).deviceId).toEqual({
      ideal: [],
      exact: ['a', 'b'],
    });
  });
});

describe('getUserMedia', () => {
  it('asks for what is wanted and makes a stream of it', async () => {
    const stream = await new MediaDevices().getUserMedia({ audio: true, video: { width: 320 } });
    expect(fake.all('getUserMedia')[0]).toMatchObject({
      audio: {},
      video: { width: { ideal: 320 } },
    });
    expect(stream.getTracks().map(({ kind }) => kind)).toEqual(['audio', 'video']);
    expect(stream.getVideoTracks()[0]?.getConstraints()).toEqual({ width: 320 });
    expect(stream.active).toBe(true);
  });

  it('throws the errors of W3C', async () => {
    const devices = new MediaDevices();
    await expect(devices.getUserMedia({})).rejects.toBeInstanceOf(TypeError);
    fake.on('getUserMedia', () => ({
      error: { name: 'OverconstrainedError', message: 'none fits', detail: 'deviceId' },
    }));
    await expect(devices.getUserMedia({ audio: true })).rejects.toMatchObject({
      name: 'OverconstrainedError',
      constraint: 'deviceId',
    });
    fake.on('getUserMedia', () => ({ error: { name: 'NotFoundError', message: 'no camera' } }));
    await expect(devices.getUserMedia({ video: true })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });
});

describe('getDisplayMedia', () => {
  const window = {
    id: 'a',
    surface: 'window',
    title: 'Slides',
    application: 'Presenter',
    thumbnail: null,
  };
  const track = {
    track: FIRST_HOST_ID,
    kind: 'video',
    label: 'Slides',
    settings: { deviceId: '', groupId: '', displaySurface: 'window', cursor: 'always' },
  };
  const refused = {
    error: { name: 'NotAllowedError', message: 'nothing was chosen' },
  };

  /** Devices of a page that chooses so. */
  function choosing(choice: string | null): MediaDevices {
    fake.on('getDisplayMedia', () => ({ value: { kind: 'choose', sources: [window] } }));
    fake.on('chooseDisplaySource', ({ source }) => (source === 'a' ? { value: [track] } : refused));
    const devices = new MediaDevices();
    devices.addEventListener('displaysources', (event) => {
      if (!(event instanceof DisplaySourcesEvent)) return;
      event.preventDefault();
      expect(event.sources).toEqual([window]);
      event.choose(choice);
    });
    return devices;
  }

  beforeEach(() => {
    vi.stubGlobal('navigator', { userActivation: { isActive: true } });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('has the page ask, and gives what the user chose', async () => {
    const stream = await choosing('a').getDisplayMedia({
      video: { frameRate: { ideal: 15 }, cursor: 'never' } as MediaTrackConstraints,
      audio: true,
    });
    expect(fake.all('getDisplayMedia')[0]?.video).toEqual({
      frameRate: { ideal: 15 },
      cursor: { ideal: ['never'], exact: [] },
    });
    const [got] = stream.getTracks();
    expect([stream.getTracks().length, got?.kind, got?.label]).toEqual([1, 'video', 'Slides']);
    expect(got?.getSettings()).toMatchObject({ displaySurface: 'window', cursor: 'always' });
    let ended = 0;
    got?.addEventListener('ended', () => (ended += 1));
    await fake.emit({ event: 'trackEnded', track: FIRST_HOST_ID });
    expect([got?.readyState, ended]).toEqual(['ended', 1]);
  });

  it('takes what the system asked for itself', async () => {
    fake.on('getDisplayMedia', () => ({ value: { kind: 'chosen', tracks: [track] } }));
    const stream = await new MediaDevices().getDisplayMedia();
    expect(stream.getVideoTracks()).toHaveLength(1);
    expect(fake.all('chooseDisplaySource')).toHaveLength(0);
  });

  it('is refused where nothing is chosen, and where nobody asks', async () => {
    const denied = { name: 'NotAllowedError' };
    await expect(choosing(null).getDisplayMedia()).rejects.toMatchObject(denied);
    await expect(new MediaDevices().getDisplayMedia()).rejects.toMatchObject(denied);
    expect(fake.all('chooseDisplaySource').map(({ source }) => source)).toEqual([null, null]);
  });

  it('asks nobody when the page may not', async () => {
    const devices = choosing('a');
    for (const video of [false, { width: { min: 10 } }, { width: { exact: 10 } }, { advanced: [] }])
      await expect(devices.getDisplayMedia({ video })).rejects.toBeInstanceOf(TypeError);
    vi.stubGlobal('navigator', { userActivation: { isActive: false } });
    await expect(devices.getDisplayMedia()).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(fake.names).toEqual([]);
  });

  it('hands a known hint on', async () => {
    const stream = await choosing('a').getDisplayMedia();
    const got = stream.getVideoTracks()[0] as MediaStreamTrack;
    got.contentHint = 'speech';
    expect(got.contentHint).toBe('');
    got.contentHint = 'text';
    got.contentHint = 'text';
    await settle();
    expect(fake.all('setContentHint')).toMatchObject([{ track: FIRST_HOST_ID, hint: 'text' }]);
    expect(got.clone().contentHint).toBe('text');
  });
});

describe('a track', () => {
  async function microphone(): Promise<MediaStreamTrack> {
    const stream = await new MediaDevices().getUserMedia({ audio: true });
    return stream.getTracks()[0] as MediaStreamTrack;
  }

  it('stops without an event, once', async () => {
    const track = await microphone();
    let ended = 0;
    track.onended = () => (ended += 1);
    track.stop();
    track.stop();
    await settle();
    expect(track.readyState).toBe('ended');
    expect(fake.all('stopTrack')).toHaveLength(1);
    expect(ended).toBe(0);
  });

  it('ends with an event when its device goes away', async () => {
    const track = await microphone();
    let ended = 0;
    track.onended = () => (ended += 1);
    await fake.emit({ event: 'trackEnded', track: FIRST_HOST_ID });
    await fake.emit({ event: 'trackEnded', track: FIRST_HOST_ID });
    expect([track.readyState, ended]).toEqual(['ended', 1]);
  });

  it('tells what is done to its sound, and that this can be switched', async () => {
    const settings = { deviceId: 'a', groupId: '', echoCancellation: true };
    const sound = { noiseSuppression: true, autoGainControl: true };
    fake.on('getUserMedia', () => ({
      value: [
        {
          track: FIRST_HOST_ID,
          kind: 'audio',
          label: '',
          settings: { ...settings, ...sound },
        },
      ],
    }));
    fake.on('applyConstraints', () => ({
      value: { ...settings, ...sound, echoCancellation: false },
    }));
    const track = await microphone();
    const clone = track.clone();
    expect(track.getCapabilities().echoCancellation).toEqual([true, false]);
    expect(track.getSettings().echoCancellation).toBe(true);
    await track.applyConstraints({ echoCancellation: false, noiseSuppression: { exact: true } });
    expect(fake.all('applyConstraints')[0]?.constraints).toEqual({
      echoCancellation: false,
      noiseSuppression: true,
    });
    expect(track.getSettings()).toMatchObject({ echoCancellation: false, noiseSuppression: true });
    // They share the device.
    expect(clone.getSettings().echoCancellation).toBe(false);
  });

  it('claims no processing of sound of which the host tells nothing', async () => {
    fake.on('getUserMedia', () => ({
      value: [
        {
          track: FIRST_HOST_ID,
          kind: 'audio',
          label: '',
          settings: { deviceId: 'a', groupId: '' },
        },
      ],
    }));
    expect((await microphone()).getCapabilities()).not.toHaveProperty('echoCancellation');
  });

  it('is cloned under an id of its own', async () => {
    const track = await microphone();
    track.enabled = false;
    const clone = track.clone();
    expect(clone.id).not.toBe(track.id);
    clone.enabled = true;
    await settle();
    const [request] = fake.all('cloneTrack');
    expect(request?.track).toBe(FIRST_HOST_ID);
    expect(fake.all('setTrackEnabled').map(({ track: id, enabled }) => [id, enabled])).toEqual([
      [FIRST_HOST_ID, false],
      [request?.clone, false],
      [request?.clone, true],
    ]);
  });

  it('cannot be constructed by a page, and counts as one', async () => {
    expect(() => void Reflect.construct(MediaStreamTrack, [])).toThrow('Illegal constructor');
    expect((await microphone()) instanceof MediaStreamTrack).toBe(true);
    expect({} instanceof MediaStreamTrack).toBe(false);
    expect(new MediaStream() instanceof MediaStream).toBe(true);
  });
});

describe('a candidate', () => {
  it('shows what its line says', () => {
    const candidate = new RTCIceCandidate({
      candidate:
        'candidate:7 1 tcp 1518280447 2001:db8::1 9 typ srflx raddr 10.0.0.1 rport 50000 tcptype active ufrag abcd',
      sdpMid: '0',
    });
    expect(candidate).toMatchObject({
      foundation: '7',
      component: 'rtp',
      protocol: 'tcp',
      priority: 1518280447,
      address: '2001:db8::1',
      port: 9,
      type: 'srflx',
      tcpType: 'active',
      relatedAddress: '10.0.0.1',
      relatedPort: 50000,
      usernameFragment: 'abcd',
    });
  });

  it('needs a place', () => {
    expect(() => new RTCIceCandidate({ candidate: '' })).toThrow(TypeError);
  });
});

describe('binary messages', () => {
  it('are refused when cut short or of no known kind', () => {
    for (const bytes of [[], [2, 1], [9, 0, 0, 0, 0, 0, 0], Array<number>(24).fill(3)]) {
      expect(decodeBinary(new Uint8Array(bytes).buffer)).toBeUndefined();
    }
  });

  it('bring encoded pictures', () => {
    const message = new Uint8Array(26);
    const view = new DataView(message.buffer);
    message.set([2, 1, 0]);
    view.setUint32(4, FIRST_HOST_ID);
    view.setUint32(8, 90000);
    view.setUint32(12, 5);
    view.setFloat64(16, 1.5);
    message.set([1, 2], 24);
    expect(decodeBinary(message.buffer)).toEqual({
      type: 'picture',
      keyFrame: true,
      codec: 'vp8',
      track: FIRST_HOST_ID,
      rtpTimestamp: 90000,
      counter: 5,
      arrival: 1.5,
      data: new Uint8Array([1, 2]),
    });
  });
});

describe('a VP8 key frame', () => {
  it('tells its size', () => {
    const data = new Uint8Array([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0x81, 0]);
    const picture = { ...PICTURE, data };
    expect(vp8Size(picture)).toBe(360 * 65536 + 640);
    expect(vp8Size({ ...picture, codec: 'h264' })).toBeUndefined();
    expect(vp8Size({ ...picture, data: data.slice(0, 9) })).toBeUndefined();
  });
});

describe('the noise behind a meter', () => {
  it('has a level of one', () => {
    const samples = noise(48000);
    const squares = samples.reduce((sum, value) => sum + value * value, 0);
    expect(Math.sqrt(squares / samples.length)).toBeCloseTo(1, 3);
    const window = samples.slice(1000, 3048);
    const part = Math.sqrt(window.reduce((sum, value) => sum + value * value, 0) / 2048);
    expect(part).toBeGreaterThan(0.85);
    expect(part).toBeLessThan(1.15);
  });
});
