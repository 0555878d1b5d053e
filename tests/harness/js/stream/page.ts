/**
 * A participant made of the unmodified Stream SDK with its own managers of camera, microphone and
 * screen, and of nothing of the app's call layer. `window.guest` is what the test talks to.
 *
 * Parameters of the address: `url`, `hint`, `key`, `user`, `token`, `cid`, `frequency` (hertz), `off`
 * (given: camera and microphone are off).
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

/**
 * Red on the left, blue on the right: as pure as can be, so that they come out the same by whichever
 * matrix and range a browser takes what a canvas shows.
 */
function fakeScreen(): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const context = canvas.getContext('2d', { alpha: false });
  setInterval(() => {
    for (const [colour, left] of [['#f00', 0], ['#00f', 320]] as const) {
      Object.assign(context!, { fillStyle: colour }).fillRect(left, 0, 320, 360);
    }
  }, 100);
  return canvas.captureStream(10).getVideoTracks()[0]!;
}
navigator.mediaDevices.getDisplayMedia = () => Promise.resolve(new MediaStream([fakeScreen()]));

/**
 * What the SDK says of itself is counted for as long as there is this tab, whatever the page in it, and
 * what it says of words of the service's that it could not read is kept.
 */
function note(_level: string, message: string, ...data: unknown[]): void {
  const causes = data.map((each) => (each as { error?: unknown } | undefined)?.error ?? each);
  const line = [message, ...causes.filter((each) => each instanceof Error)].join(' ');
  const { sdk = '{"lines":0,"unread":[]}' } = sessionStorage;
  const noted = JSON.parse(sdk) as { lines: number; unread: string[] };
  noted.lines += 1;
  const unread = /decode|parse/i.test(line);
  if (unread) noted.unread.push(line.slice(0, 300));
  sessionStorage.sdk = JSON.stringify(noted);
  if (unread) dispatchEvent(new Event('unread'));
}

/** What shows and plays one user, by whichever connection that user is in at present. */
class Shown {
  call: Call | undefined;
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
    Object.assign(this, { call, sessionId });
    for (const end of this.#ends.splice(0)) end();
    if (sessionId === '') return;
    for (const [kind, video] of this.#videos) {
      this.#ends.push(call.bindVideoElement(video, sessionId, kind) ?? (() => {}));
    }
    this.#ends.push(call.bindAudioElement(this.#audio, sessionId) ?? (() => {}));
  }
}

const shown = new Map<string, Shown>();

/** The call that the page is in, or was in last. */
let current: Call | undefined;

function show(call: Call): void {
  call.state.remoteParticipants$.subscribe((participants) => {
    if (call !== current) return;
    // Somebody who comes again may be in twice for a while: the newest counts.
    const newest = new Map(participants.map(({ userId, sessionId }) => [userId, sessionId]));
    for (const userId of newest.keys()) {
      if (!shown.has(userId)) shown.set(userId, new Shown(userId));
    }
    for (const [userId, user] of shown) {
      const sessionId = newest.get(userId) ?? '';
      if (user.call !== call || user.sessionId !== sessionId) user.bind(call, sessionId);
    }
  });
}

async function connect(): Promise<StreamVideoClient> {
  const options = {
    baseURL: given('url'),
    locationHintUrl: given('hint'),
    clientEventsReportingEnabled: false,
    maxConnectUserRetries: 1,
    devicePersistence: { enabled: false },
    logOptions: { default: { level: 'info', sink: note } },
  } as const;
  const client = new StreamVideoClient({ apiKey: given('key'), options });
  await client.connectUser({ id: given('user'), name: given('user') }, given('token'));
  return client;
}

async function join(client: StreamVideoClient): Promise<string> {
  const [type = '', id = ''] = given('cid').split(':');
  const call = (current = client.call(type, id));
  Object.assign(window, { call, client });
  show(call);
  // Otherwise the SDK switches on what the call's settings say.
  if (parameters.has('off')) await Promise.all([call.camera.disable(), call.microphone.disable()]);
  // However slow the machine is.
  await call.join({ create: true, joinResponseTimeout: 30_000, rpcRequestTimeout: 30_000 });
  if (!parameters.has('off')) await Promise.all([call.camera.enable(), call.microphone.enable()]);
  return call.state.callingState;
}

const client = connect();
/** Joins in this tab once more, after it has left. */
const again = async (): Promise<string> => join(await client);
Object.assign(window, { guest: { ready: again(), again } });
