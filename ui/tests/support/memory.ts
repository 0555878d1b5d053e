import { vi } from 'vitest';

import type { Written } from '../../src/call/chat';
import type { FileWord } from '../../src/call/files';
import {
  CallError,
  type CallProvider,
  type ConnectedUser,
  type ConnectionQuality,
  type JoinGrant,
  type LocalMedia,
  type PictureSource,
  type Switchable,
  type TrackSource,
} from '../../src/call/model';
import { MemoryCall } from './memoryCall';
import { MemoryTrack, type Member, type MemoryState, type Permitted } from './memoryState';
import type { FileSaid, Leaving, OtherSide, Perceived, Said, Sent } from './otherSide';

const EVERYTHING: readonly TrackSource[] = ['microphone', 'camera', 'screen', 'screen-audio'];

/** A provider in memory, with the handle of whoever plays the server and the others. */
export class MemoryServer implements MemoryState, OtherSide {
  readonly members = new Map<string, Member>();
  /** Identities, the loudest first. */
  speaking: readonly string[] = [];
  recording = false;
  /** What the user may do. */
  permitted: Permitted = { sources: EVERYTHING, chat: true, hand: true };
  /** What the others ask to be allowed, and what was said to that. */
  requests: readonly { readonly identity: string; readonly source: Switchable }[] = [];
  readonly answers: string[] = [];
  readonly moderated: string[] = [];
  readonly written: Written[] = [];
  readonly fileWords: FileSaid[] = [];
  readonly files: Leaving[] = [];
  readonly reactions: string[] = [];
  ownHand: number | undefined;
  deaf = false;
  /** With what the user joined, each time. */
  readonly joins: JoinGrant[] = [];
  issued = 0;
  refusal: CallError | undefined;
  gate: Promise<void> | undefined;
  deserted: Promise<boolean> = Promise.resolve(false);
  /** Aborted once the server is asked no more whether nobody is there. */
  asking: AbortSignal | undefined;
  #call: MemoryCall | undefined;
  #connections = 0;
  readonly #ended: MemoryTrack[] = [];

  readonly grants = (): Promise<JoinGrant> => {
    this.issued += 1;
    const token = `token-${this.issued}`;
    return Promise.resolve({
      provider: 'livekit',
      token,
      serverUrl: 'wss://media.test',
      identity: 'me',
      room: 'tea',
    });
  };

  readonly provider: CallProvider = {
    connectUser: async (grants, signal): Promise<ConnectedUser> => {
      const first = await grants();
      signal?.throwIfAborted();
      let call: MemoryCall | undefined;
      return {
        identity: first.identity,
        join: async (media: LocalMedia, joining?: AbortSignal) => {
          call = new MemoryCall(this, grants, media);
          this.#call = call;
          await call.join(first, joining);
          return call;
        },
        close: async () => {
          await call?.leave();
        },
      };
    },
  };

  get joined(): boolean {
    return this.#call?.standing === true;
  }

  refuse(code: string | undefined): void {
    this.refusal = code === undefined ? undefined : new CallError(code);
  }

  hold(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  nextConnection(): string {
    this.#connections += 1;
    return `connection-${this.#connections}`;
  }

  arrive(identity: string, name = identity): void {
    const connection = this.nextConnection();
    const tracks = new Map<TrackSource, MemoryTrack>();
    const fresh = {
      connection,
      identity,
      name,
      tracks,
      quality: 'unknown',
      hand: undefined,
    } as const;
    this.members.set(identity, { ...fresh });
    this.#changed();
  }

  depart(identity: string): void {
    for (const source of EVERYTHING) this.unpublish(identity, source);
    this.members.delete(identity);
    this.#changed();
  }

  rejoin(identity: string): void {
    const { name } = this.#of(identity);
    this.depart(identity);
    this.arrive(identity, name);
  }

  publish(identity: string, source: TrackSource): MemoryTrack {
    const track = this.make(identity, source);
    this.#of(identity).tracks.set(source, track);
    this.#changed();
    return track;
  }

  unpublish(identity: string, source: TrackSource): void {
    const { tracks } = this.#of(identity);
    const track = tracks.get(source);
    if (track === undefined) return;
    tracks.delete(source);
    this.#ended.push(track);
    this.#changed();
  }

  mute(identity: string, source: TrackSource, muted: boolean): void {
    this.#track(identity, source).muted = muted;
    this.#changed();
  }

  pause(identity: string, source: TrackSource, paused: boolean): void {
    this.#track(identity, source).paused = paused;
    this.#changed();
  }

  count(identity: string, source: TrackSource, counts: Readonly<Record<string, number>>): void {
    this.#track(identity, source).counts = counts;
  }

  speak(...identities: string[]): void {
    this.speaking = identities;
    this.#changed();
  }

  quality(identity: string, quality: ConnectionQuality): void {
    this.#of(identity).quality = quality;
    this.#changed();
  }

  hand(identity: string, raised: number | undefined): void {
    this.#of(identity).hand = raised;
    this.#changed();
  }

  get messages(): string[] {
    return this.written.map(({ text }) => text);
  }

  say(identity: string, text: string, about: Said = {}): void {
    this.#call?.received(this.#of(identity), text, about);
  }

  sayOfFile(identity: string, word: FileWord): void {
    this.#call?.saidOfFile(this.#of(identity), word);
  }

  sendFile(identity: string, key: string, parts: AsyncIterable<Uint8Array>): void {
    this.#call?.arrives(this.#of(identity), key, parts);
  }

  react(identity: string, emoji: string): void {
    this.#call?.reacted(this.#of(identity), emoji);
  }

  /** `interim`: it is called so, and may still become another text. */
  caption(identity: string, text: string, interim?: string): void {
    const { name } = identity === 'me' ? { name: 'me' } : this.#of(identity);
    this.#call?.captioned(identity, name, text, interim);
  }

  record(on: boolean): void {
    this.recording = on;
    this.#changed();
  }

  deafen(deaf: boolean): void {
    this.deaf = deaf;
  }

  sent(source: TrackSource): Sent {
    return this.#call?.sent(source) ?? 'nothing';
  }

  shown(element: HTMLVideoElement): Perceived<PictureSource> | undefined {
    const track = this.#tracks().find(({ elements }) => elements.has(element));
    return track as Perceived<PictureSource> | undefined;
  }

  get heard(): Perceived[] {
    return this.#tracks().filter(({ elements }) =>
      [...elements].some((element) => element.localName === 'audio'),
    );
  }

  async permit(sources: readonly TrackSource[], chat: boolean, hand = true): Promise<void> {
    this.permitted = { sources, chat, hand };
    this.#call?.permit();
    await Promise.resolve();
  }

  async host(source: TrackSource, muted: boolean): Promise<void> {
    this.#call?.wish(source, !muted);
    await Promise.resolve();
  }

  /** One of the others asks to be allowed something, or asks no more. */
  ask(identity: string, source: Switchable, asks = true): void {
    const others = this.requests.filter(
      (each) => each.identity !== identity || each.source !== source,
    );
    this.requests = asks ? [...others, { identity, source }] : others;
    this.#changed();
  }

  /** Something went wrong without ending the call; undefined: it works again. */
  trouble(code: string | undefined): void {
    this.#call?.trouble(code);
  }

  interrupt(): void {
    this.#call?.interrupted(true);
  }

  mend(): void {
    this.#call?.interrupted(false);
  }

  breakOff(): void {
    this.#call?.broken();
  }

  end(reason: Parameters<OtherSide['end']>[0]): void {
    this.#call?.over(reason);
  }

  /** The call leaves by itself, as SDKs do when their page goes. */
  leaves(): void {
    this.#call?.over('left');
  }

  /** A track that can be looked at is another. */
  protected make(identity: string, source: TrackSource): MemoryTrack {
    return new MemoryTrack(identity, source);
  }

  #of(identity: string): Member {
    const member = this.members.get(identity);
    if (member === undefined) throw new Error(`${identity} is not here`);
    return member;
  }

  #track(identity: string, source: TrackSource): MemoryTrack {
    const track = this.#of(identity).tracks.get(source);
    if (track === undefined) throw new Error(`${identity} publishes no ${source}`);
    return track;
  }

  #tracks(): MemoryTrack[] {
    const published = [...this.members.values()].flatMap(({ tracks }) => [...tracks.values()]);
    return [...published, ...this.#ended];
  }

  #changed(): void {
    this.#call?.update();
  }
}

/** For `vi.mock` of what loads adapters: the page's calls are those of the server in memory. */
export const memory = {
  server: new MemoryServer(),
  loadProvider: vi.fn((name: string): Promise<CallProvider> => {
    return name === 'livekit'
      ? Promise.resolve(memory.server.provider)
      : Promise.reject(new CallError('provider-missing', name));
  }),
};
