/**
 * A participant made of the unmodified Stream SDK with its own managers of camera, microphone and
 * screen, and of nothing of the app's call layer. `window.guest` is what the test talks to.
 *
 * Parameters of the address: `url`, `hint`, `key`, `user`, `token`, `cid`, `frequency` (hertz).
 */

import { type Call, StreamVideoClient } from '@stream-io/video-client';

import { fakeCamera, fakeMicrophone } from '../../../../ui/src/guest/fakeDevices';

const parameters = new URLSearchParams(location.search);
const given = (name: string): string => parameters.get(name) ?? '';

// Devices of the page's own, which can be told from those of others by time and tone.
navigator.mediaDevices.getUserMedia = async ({ audio, video } = {}) =>
  new MediaStream([
    ...(video ? [fakeCamera()] : []),
    ...(audio ? [await fakeMicrophone(Number(given('frequency')))] : []),
  ]);

/** Red on the left, blue on the right. */
function fakeScreen(): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const context = canvas.getContext('2d', { alpha: false });
  setInterval(() => {
    for (const [colour, left] of [['#c02020', 0], ['#2020c0', 320]] as const) {
      Object.assign(context!, { fillStyle: colour }).fillRect(left, 0, 320, 360);
    }
  }, 100);
  return canvas.captureStream(10).getVideoTracks()[0]!;
}
navigator.mediaDevices.getDisplayMedia = () => Promise.resolve(new MediaStream([fakeScreen()]));

/** What shows and plays one user, by whichever connection that user is in at present. */
class Shown {
  sessionId = '';
  #ends: (() => void)[] = [];
  readonly #videos: readonly (readonly ['videoTrack' | 'screenShareTrack', HTMLVideoElement])[];
  readonly #audio = document.body.appendChild(document.createElement('audio'));

  constructor(user: string) {
    this.#videos = (['videoTrack', 'screenShareTrack'] as const).map((kind) => {
      const video = Object.assign(document.createElement('video'), { autoplay: true, muted: true });
      Object.assign(video.dataset, { user, kind });
      video.style.cssText = 'width:640px;height:360px';
      document.getElementById('pictures')?.append(video);
      return [kind, video] as const;
    });
  }

  bind(call: Call, sessionId: string): void {
    // First of all: binding changes the participants, and leads here again.
    this.sessionId = sessionId;
    for (const end of this.#ends.splice(0)) end();
    if (sessionId === '') return;
    for (const [kind, video] of this.#videos) {
      this.#ends.push(call.bindVideoElement(video, sessionId, kind) ?? (() => {}));
    }
    this.#ends.push(call.bindAudioElement(this.#audio, sessionId) ?? (() => {}));
  }
}

const shown = new Map<string, Shown>();

function show(call: Call): void {
  call.state.remoteParticipants$.subscribe((participants) => {
    // Somebody who comes again may be in twice for a while: the newest counts.
    const newest = new Map(participants.map(({ userId, sessionId }) => [userId, sessionId]));
    for (const userId of newest.keys()) {
      if (!shown.has(userId)) shown.set(userId, new Shown(userId));
    }
    for (const [userId, user] of shown) {
      const sessionId = newest.get(userId) ?? '';
      if (user.sessionId !== sessionId) user.bind(call, sessionId);
    }
  });
}

async function join(): Promise<string> {
  const options = {
    baseURL: given('url'),
    locationHintUrl: given('hint'),
    clientEventsReportingEnabled: false,
    maxConnectUserRetries: 1,
    devicePersistence: { enabled: false },
  };
  const client = new StreamVideoClient({ apiKey: given('key'), options });
  await client.connectUser({ id: given('user'), name: given('user') }, given('token'));
  const [type = '', id = ''] = given('cid').split(':');
  const call = client.call(type, id);
  Object.assign(window, { call, client });
  show(call);
  // However slow the machine is.
  await call.join({ create: true, joinResponseTimeout: 30_000, rpcRequestTimeout: 30_000 });
  await Promise.all([call.camera.enable(), call.microphone.enable()]);
  return call.state.callingState;
}

Object.assign(window, { guest: { ready: join() } });
