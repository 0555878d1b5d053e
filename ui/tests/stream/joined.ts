import type {
  Call,
  InputState,
  LocalMedia,
  Participant,
  StreamGrant,
  Switchable,
  TrackSource,
} from '../../src/call/model';
import { stream } from '../../src/call/stream/provider';
import { ownTrack } from './service';

/** What is laid out has a size, which jsdom does not know. */
export const SIZE = { width: 640, height: 360 };
Object.defineProperties(HTMLVideoElement.prototype, {
  clientWidth: { get: () => SIZE.width },
  clientHeight: { get: () => SIZE.height },
});

/** Devices that open and close at once. */
export class Devices implements LocalMedia {
  speaker = '';
  readonly #listeners = new Set<() => void>();
  readonly #inputs = new Map<TrackSource, InputState>();

  constructor(...on: TrackSource[]) {
    for (const source of on) this.#set(source, true);
  }

  input(source: TrackSource): InputState {
    return this.#inputs.get(source) ?? { track: undefined, enabled: false };
  }

  track(source: TrackSource): MediaStreamTrack | undefined {
    return this.input(source).track;
  }

  enable(source: Switchable, enabled: boolean): Promise<void> {
    this.#set(source, enabled);
    this.#tell();
    return Promise.resolve();
  }

  shut(source: Switchable): Promise<void> {
    return this.enable(source, false);
  }

  /** Another device takes its place. */
  replace(source: TrackSource): void {
    this.#set(source, true);
    this.#tell();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(source: TrackSource, enabled: boolean): void {
    const kind = source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video';
    this.#inputs.set(source, { track: enabled ? ownTrack(kind) : undefined, enabled });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

export const GRANT: StreamGrant = {
  provider: 'stream',
  token: 'first',
  apiKey: 'key',
  identity: 'ada',
  name: 'Ada',
  callType: 'default',
  callId: 'meeting',
  create: false,
};

/** Fresh grants: the first, second and so on. */
export function grants(): () => Promise<StreamGrant> {
  const tokens = ['first', 'second', 'third'];
  return () => Promise.resolve({ ...GRANT, token: tokens.shift() ?? 'another' });
}

export async function joinIn(
  devices: LocalMedia = new Devices(),
  from: () => Promise<StreamGrant> = grants(),
  signal?: AbortSignal,
): Promise<Call> {
  const user = await stream.connectUser(from);
  return await user.join(devices, signal);
}

export function participant(call: Call, identity: string): Participant {
  const found = call.participants.find((each) => each.identity === identity);
  if (found === undefined) throw new Error(`${identity} is not shown`);
  return found;
}

/** Lets all that is ready happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
