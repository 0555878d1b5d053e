/**
 * A participant without an interface, driven by a test: the same call layer as the app, in a plain
 * browser, with devices made by the page. `window.guest` is what the test talks to.
 *
 * Parameters of the address: `server`, `token`, `camera` and `microphone` (`0` for none),
 * `frequency` (hertz).
 */

import type { Call, Participant } from '../call/model';
import { loadProvider } from '../call/providers';
import { failure } from '../errors/failure';
import { fakeCamera, fakeMicrophone } from './fakeDevices';
import { MadeMedia } from './madeMedia';
import { ageOf, readStrip } from './timestampStrip';

/** What a test waits for; every member that is given must hold. */
interface Condition {
  participant?: string;
  present?: boolean;
  microphone?: boolean;
  camera?: boolean;
  speaking?: boolean;
  message?: string;
}

const parameters = new URLSearchParams(location.search);
const shown = new Map<string, { video: HTMLVideoElement; end: () => void }>();
let call: Call | undefined;

const on = (track: { muted: boolean } | undefined): boolean => track !== undefined && !track.muted;

function joined(): Call {
  if (call === undefined) throw new Error('not joined');
  return call;
}

/** Shows every remote participant's camera. */
function render(): void {
  const remote = joined().participants.filter((participant) => !participant.local);
  for (const participant of remote) if (!shown.has(participant.identity)) show(participant);
  for (const [identity, { video, end }] of shown) {
    if (remote.some((participant) => participant.identity === identity)) continue;
    end();
    video.remove();
    shown.delete(identity);
  }
}

function show(participant: Participant): void {
  const video = document.createElement('video');
  Object.assign(video, { autoplay: true, playsInline: true, muted: true });
  video.style.cssText = 'width:1280px;height:720px';
  document.getElementById('pictures')?.append(video);
  shown.set(participant.identity, { video, end: participant.showCamera(video) });
}

function pictureOf(identity: string): ImageData | undefined {
  const video = shown.get(identity)?.video;
  if (video === undefined || video.videoWidth === 0) return undefined;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(video, 0, 0);
  return context?.getImageData(0, 0, canvas.width, canvas.height);
}

function holds({ participant, present, message, ...tracks }: Condition): boolean {
  const found = joined().participants.find(
    ({ identity, name }) => identity === participant || name === participant,
  );
  if (participant !== undefined && (found !== undefined) !== (present ?? true)) return false;
  if (message !== undefined && !joined().messages.some(({ text }) => text === message))
    return false;
  if (tracks.microphone !== undefined && on(found?.microphone) !== tracks.microphone) return false;
  if (tracks.camera !== undefined && on(found?.camera) !== tracks.camera) return false;
  return tracks.speaking === undefined || (found?.speaking ?? false) === tracks.speaking;
}

const guest = {
  /** Joins; resolves with the identity, or rejects with a code. */
  ready: start(),

  participants: () =>
    joined().participants.map(({ identity, name, local, microphone, camera, speaking }) => ({
      identity,
      name,
      local,
      microphone: on(microphone),
      camera: on(camera),
      speaking,
    })),
  messages: () => joined().messages,
  state: () => joined().state,
  /** For a test that failed. */
  trouble: () => {
    const { state, problem, participants } = joined();
    const known = participants.map(({ identity, microphone, camera }) => ({
      identity,
      microphone,
      camera,
    }));
    return { state, problem: problem && `${problem.code} ${problem.detail ?? ''}`, known };
  },
  setMicrophone: (enabled: boolean) => joined().setMicrophoneEnabled(enabled),
  setCamera: (enabled: boolean) => joined().setCameraEnabled(enabled),
  send: (text: string) => joined().sendMessage(text),
  measure: () => joined().measure(),
  leave: () => joined().leave(),

  /** Age in milliseconds of the picture now shown of a participant; null if it can't be read. */
  pictureAge(identity: string): number | null {
    const picture = pictureOf(identity);
    const now = performance.timeOrigin + performance.now();
    const strip = picture && readStrip(picture.data, picture.width, picture.height);
    return strip === undefined ? null : ageOf(strip, now);
  },

  /** Pictures with different time stamps that were shown within some time, and their size. */
  async differentPictures(identity: string, milliseconds: number) {
    const seen = new Set<number>();
    const video = shown.get(identity)?.video;
    if (video === undefined) return { count: 0, width: 0, height: 0 };
    const until = performance.now() + milliseconds;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds + 200);
      const look = (): void => {
        const picture = pictureOf(identity);
        const strip = picture && readStrip(picture.data, picture.width, picture.height);
        if (strip !== undefined) seen.add(strip);
        if (performance.now() < until) video.requestVideoFrameCallback(look);
        else {
          clearTimeout(timer);
          resolve();
        }
      };
      video.requestVideoFrameCallback(look);
    });
    return { count: seen.size, width: video.videoWidth, height: video.videoHeight };
  },

  /** Resolves with the milliseconds it took, or -1 if it did not come to be in time. */
  waitFor(condition: Condition, milliseconds: number): Promise<number> {
    const begin = performance.now();
    return new Promise((resolve) => {
      let end = (): void => undefined;
      const timer = setTimeout(() => {
        end();
        resolve(-1);
      }, milliseconds);
      const look = (): void => {
        if (!holds(condition)) return;
        clearTimeout(timer);
        end();
        resolve(performance.now() - begin);
      };
      end = joined().subscribe(look);
      look();
    });
  },
};

async function start(): Promise<string> {
  const camera = parameters.get('camera') === '0' ? undefined : fakeCamera();
  const microphone =
    parameters.get('microphone') === '0'
      ? undefined
      : await fakeMicrophone(Number(parameters.get('frequency') ?? 440));
  const media = new MadeMedia({ camera, microphone });
  const provider = await loadProvider('livekit');
  const get = (name: string): string => parameters.get(name) ?? '';
  const token = { token: get('token'), serverUrl: get('server'), identity: '', room: '' };
  try {
    const user = await provider.connectUser(() => Promise.resolve(token));
    call = await user.join(media);
  } catch (thrown) {
    const { code, detail } = failure(thrown);
    throw new Error(`${code} ${detail ?? ''}`, { cause: thrown });
  }
  call.subscribe(render);
  render();
  return call.participants[0]?.identity ?? '';
}

Object.assign(globalThis, { guest });
