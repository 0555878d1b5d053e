/**
 * A participant without an interface, driven by a test: the same call layer as the app, in a plain
 * browser, with devices made by the page. `window.guest` is what the test talks to.
 *
 * Parameters of the address: those of the call (see `grantFrom`), `camera` and `microphone` (`0` for
 * none), `frequency` (hertz), `screen` (colour of the one that is shared when a test says so).
 */

import { subscribeToAll } from '../call/everyone';
import type { Call, InputRole, Participant, PermissionRequest } from '../call/model';
import { loadProvider } from '../call/providers';
import { failure } from '../errors/failure';
import { grantFrom } from '../platform/addressed';
import { fakeCamera, fakeMicrophone, fakeScreen } from './fakeDevices';
import { MadeMedia } from './madeMedia';
import { seeScreen, type Pixel } from './sharedScreen';
import { ageOf, readStrip } from './timestampStrip';

/** What a test waits for; every member that is given must hold. */
interface Condition {
  participant?: string;
  present?: boolean;
  microphone?: boolean;
  camera?: boolean;
  screen?: boolean;
  speaking?: boolean;
  message?: string;
  /** Somebody asks to be allowed something: `ben microphone`. */
  request?: string;
  /** The user is asked to switch it on. */
  asked?: InputRole;
  hand?: boolean;
  /** The user was told this code. */
  told?: string;
  /** Something is said to be wrong. */
  problem?: boolean;
  /** The user's own camera is on and not with the others. */
  paused?: boolean;
}

// As in the app (tauri.conf.json): what breaks on it breaks here, too.
Object.freeze(Object.prototype);

const parameters = new URLSearchParams(location.search);
/** The cameras of the others. */
const shown = new Map<Participant, { readonly video: HTMLVideoElement; end: () => void }>();
let call: Call | undefined;
let media: MadeMedia | undefined;
/** Who came and went, and what the user was told, until a test looks. */
const events: string[] = [];
/** How often the connection broke, since a test began to watch. */
let breaks = 0;

const on = (track: { muted: boolean } | undefined): boolean => track !== undefined && !track.muted;

function joined(): Call {
  if (call === undefined) throw new Error('not joined');
  return call;
}

/** Shows every remote participant's camera. */
function render(): void {
  const remote = joined().participants.filter((participant) => !participant.local);
  for (const participant of remote) if (!shown.has(participant)) show(participant);
  for (const [participant, { video, end }] of shown) {
    if (remote.includes(participant)) continue;
    end();
    video.remove();
    shown.delete(participant);
  }
}

function show(participant: Participant): void {
  const video = document.createElement('video');
  Object.assign(video, { autoplay: true, playsInline: true, muted: true });
  video.style.cssText = 'width:1280px;height:720px';
  document.getElementById('pictures')?.append(video);
  const attachment = participant.attach('camera', video);
  shown.set(participant, { video, end: () => attachment.end() });
}

function videoOf(of: string): HTMLVideoElement | undefined {
  return [...shown].find(([{ identity }]) => identity === of)?.[1].video;
}

function pictureOf(identity: string): ImageData | undefined {
  const video = videoOf(identity);
  if (video === undefined || video.videoWidth === 0) return undefined;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(video, 0, 0);
  return context?.getImageData(0, 0, canvas.width, canvas.height);
}

/** As a test writes it. */
const wordsOf = ({ participant, source }: PermissionRequest): string =>
  `${participant.identity} ${source}`;

function holds(condition: Condition): boolean {
  const { participant, present, message, speaking, request, asked, hand, ...rest } = condition;
  const { told, problem, paused, ...tracks } = rest;
  const found = joined().participants.find(
    ({ identity, name }) => identity === participant || name === participant,
  );
  if (participant !== undefined && (found !== undefined) !== (present ?? true)) return false;
  if (message !== undefined && !joined().messages.some(({ text }) => text === message))
    return false;
  if (request !== undefined && !joined().requests.some((each) => wordsOf(each) === request))
    return false;
  if (asked !== undefined && !joined().asked.includes(asked)) return false;
  if (told !== undefined && !events.includes(`told ${told}`)) return false;
  if (hand !== undefined && (found?.handRaised !== undefined) !== hand) return false;
  if (problem !== undefined && (joined().problem !== undefined) !== problem) return false;
  const own = joined().participants.find(({ local }) => local)?.tracks.camera;
  if (paused !== undefined && (own?.paused ?? true) !== paused) return false;
  for (const source of ['microphone', 'camera', 'screen'] as const) {
    const wanted = tracks[source];
    if (wanted !== undefined && on(found?.tracks[source]) !== wanted) return false;
  }
  return speaking === undefined || (found?.speaking ?? false) === speaking;
}

/** Resolves with the milliseconds it took, or -1 if it did not come to be in time. */
function until(holds: () => boolean, milliseconds: number): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve) => {
    let end = (): void => undefined;
    const timer = setTimeout(() => {
      end();
      resolve(-1);
    }, milliseconds);
    const look = (): void => {
      if (!holds()) return;
      clearTimeout(timer);
      end();
      resolve(performance.now() - begin);
    };
    const ends = [subscribeToAll(joined(), look), joined().listen(look)];
    end = () => {
      for (const each of ends) each();
    };
    look();
  });
}

const guest = {
  /** Joins; resolves with the identity, or rejects with a code. */
  ready: join(),
  /** The same once more, in this page, after the call is over. */
  again: join,

  participants: () =>
    joined().participants.map(({ id, identity, name, local, tracks, speaking }) => ({
      id,
      identity,
      name,
      local,
      microphone: on(tracks.microphone),
      camera: on(tracks.camera),
      speaking,
    })),
  messages: () => joined().messages,
  state: () => joined().state,
  /** For a test that failed. */
  trouble: () => {
    const { state, problem, participants } = joined();
    const known = participants.map(({ identity, tracks }) => ({ identity, tracks }));
    return { state, problem: problem && `${problem.code} ${problem.detail ?? ''}`, known };
  },
  setMicrophone: (enabled: boolean) => joined().enable('microphone', enabled),
  setCamera: (enabled: boolean) => joined().enable('camera', enabled),
  /** A screen of the colour that the address names. */
  setScreen: (enabled: boolean) => joined().enable('screen', enabled),
  /** Waits until the screen that somebody shares looks like this. */
  seeScreen: (who: string, pixels: readonly Pixel[], milliseconds: number) =>
    seeScreen(joined(), who, pixels, milliseconds),
  raiseHand: (raised: boolean) => joined().raiseHand(raised),
  /** What somebody asks for, as in a condition. */
  async answer(request: string, granted: boolean) {
    const found = joined().requests.find((each) => wordsOf(each) === request);
    if (found === undefined) throw new Error('nobody asks for that');
    await joined().answer(found, granted);
  },
  send: (text: string) => joined().sendMessage(text),
  measure: async () => (await joined().statistics()).totals,
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
    const video = videoOf(identity);
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

  events,
  watchBreaks: () => void (breaks = 0),
  /** After `watchBreaks`: the connection broke and is there again. */
  mended: (milliseconds: number) =>
    until(() => breaks > 0 && joined().state.kind === 'connected', milliseconds),
  /** How the call ended. */
  async over(milliseconds: number) {
    await until(() => joined().state.kind === 'disconnected', milliseconds);
    return joined().state;
  },

  waitFor: (condition: Condition, milliseconds: number) =>
    until(() => holds(condition), milliseconds),
};

async function makeMedia(): Promise<MadeMedia> {
  const camera = parameters.get('camera') === '0' ? undefined : fakeCamera();
  const microphone =
    parameters.get('microphone') === '0'
      ? undefined
      : await fakeMicrophone(Number(parameters.get('frequency') ?? 440));
  const screen = fakeScreen(parameters.get('screen') ?? '#2e7d32');
  const tracks = { ...(camera && { camera }), ...(microphone && { microphone }), screen };
  return new MadeMedia(tracks, ['screen']);
}

async function join(): Promise<string> {
  media ??= await makeMedia();
  const grant = grantFrom(parameters);
  const provider = await loadProvider(grant.provider);
  try {
    const user = await provider.connectUser(() => Promise.resolve(grant));
    call = await user.join(media);
  } catch (thrown) {
    const { code, detail } = failure(thrown);
    throw new Error(`${code} ${detail ?? ''}`, { cause: thrown });
  }
  const entered = call;
  entered.subscribe(render);
  let state = entered.state.kind;
  entered.subscribe(() => {
    const before = state;
    state = entered.state.kind;
    if (state === 'reconnecting' && before !== state) breaks += 1;
  });
  entered.listen((event) => {
    if (event.kind === 'joined' || event.kind === 'left')
      events.push(`${event.kind} ${event.participant.identity}`);
    if (event.kind === 'warning') events.push(`told ${event.error.code}`);
  });
  render();
  return entered.participants[0]?.identity ?? '';
}

Object.assign(globalThis, { guest });
