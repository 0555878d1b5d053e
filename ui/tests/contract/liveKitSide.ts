import {
  ConnectionError,
  ConnectionQuality as SdkQuality,
  ConnectionState,
  DisconnectReason,
  Track,
} from 'livekit-client';

import type { Written } from '../../src/call/chat';
import type { FileOffer, FileWord } from '../../src/call/files';
import { liveKit } from '../../src/call/livekit/provider';
import type {
  CallProvider,
  ConnectionQuality,
  PictureSource,
  TrackSource,
} from '../../src/call/model';
import { FakeTrack, newWorld, type World } from '../call/world';
import { kindOf } from '../support/memoryState';
import type { FileSaid, Leaving, OtherSide, Perceived, Said, Sent } from '../support/otherSide';

const SOURCES = {
  microphone: Track.Source.Microphone,
  camera: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
  'screen-audio': Track.Source.ScreenShareAudio,
} as const;
const NUMBERS = { camera: 1, microphone: 2, screen: 3, 'screen-audio': 4 } as const;
const ENDS = {
  removed: DisconnectReason.PARTICIPANT_REMOVED,
  ended: DisconnectReason.ROOM_DELETED,
  'duplicate-identity': DisconnectReason.DUPLICATE_IDENTITY,
} as const;
const QUALITIES = {
  unknown: SdkQuality.Unknown,
  lost: SdkQuality.Lost,
  poor: SdkQuality.Poor,
  good: SdkQuality.Good,
  excellent: SdkQuality.Excellent,
} as const;
/** What LiveKit's server says, by what it means. */
const ANSWERS: Readonly<Record<string, Error>> = {
  'room-full': ConnectionError.notAllowed('room is full', 429),
  'token-expired': ConnectionError.notAllowed('token is expired', 401),
  'server-unreachable-refused': ConnectionError.serverUnreachable('away'),
};

/** LiveKit's adapter on the double of its SDK. */
export class LiveKitSide implements OtherSide {
  readonly provider = liveKit as CallProvider;
  readonly world: World = newWorld();
  readonly grants = this.world.token;
  /** Every track that anybody published. */
  readonly #tracks: { readonly identity: string; source: TrackSource; track: FakeTrack }[] = [];

  get issued(): number {
    return this.world.issued;
  }

  get joined(): boolean {
    return this.world.rooms.at(-1)?.state === ConnectionState.Connected;
  }

  refuse(code: string | undefined): void {
    this.world.refusal = code === undefined ? undefined : ANSWERS[code];
  }

  hold(): () => void {
    return this.world.hold();
  }

  arrive(identity: string, name = ''): void {
    this.world.arrive(identity, name);
  }

  depart(identity: string): void {
    for (const source of Object.keys(SOURCES) as TrackSource[]) this.unpublish(identity, source);
    this.world.depart(identity);
  }

  rejoin(identity: string): void {
    const { name } = this.world.of(identity);
    this.depart(identity);
    this.arrive(identity, name);
  }

  publish(identity: string, source: TrackSource): void {
    const track = this.world.publish(identity, SOURCES[source]);
    this.#tracks.push({ identity, source, track });
  }

  unpublish(identity: string, source: TrackSource): void {
    const published = this.world.of(identity).publications.has(SOURCES[source]);
    if (published) this.world.unpublish(identity, SOURCES[source]);
  }

  mute(identity: string, source: TrackSource, muted: boolean): void {
    this.world.mute(identity, SOURCES[source], muted);
  }

  pause(identity: string, source: TrackSource, paused: boolean): void {
    this.world.pause(identity, SOURCES[source], paused);
  }

  count(identity: string, source: TrackSource, counts: Readonly<Record<string, number>>): void {
    const known = this.#tracks.findLast(
      (each) => each.identity === identity && each.source === source,
    );
    if (known)
      known.track.stats = [{ id: source, type: 'inbound-rtp', kind: kindOf(source), ...counts }];
  }

  speak(...identities: string[]): void {
    this.world.speak(...identities);
  }

  quality(identity: string, quality: ConnectionQuality): void {
    this.world.rate(identity, QUALITIES[quality]);
  }

  hand(identity: string, raised: number | undefined): void {
    this.world.describe(identity, { handRaised: String(raised ?? '') });
  }

  say(identity: string, text: string, about: Said = {}): void {
    this.world.write(identity, [text], {
      ...(about.key !== undefined && { 'salon.key': about.key }),
      ...(about.replyTo !== undefined && { 'salon.reply': about.replyTo }),
      ...(about.private === true && { 'salon.private': '1' }),
      ...(about.file !== undefined && { 'salon.file': JSON.stringify(about.file) }),
    });
  }

  sayOfFile(identity: string, { kind, key }: FileWord): void {
    this.world.write(identity, [kind], { 'salon.key': key }, { topic: 'salon.file' });
  }

  sendFile(identity: string, key: string, parts: AsyncIterable<Uint8Array>): void {
    const info = { id: key, attributes: { 'salon.key': key } };
    const reader = { info, [Symbol.asyncIterator]: () => parts[Symbol.asyncIterator]() };
    this.world.room.bytes.of('salon.file')?.(reader, { identity });
  }

  get fileWords(): FileSaid[] {
    return this.#texts('salon.file').map(({ text, attributes, destinationIdentities }) => ({
      kind: text as FileWord['kind'],
      key: attributes['salon.key'] ?? '',
      to: destinationIdentities?.[0],
    }));
  }

  get files(): Leaving[] {
    return this.world.streams.map(({ about, parts, closed }) => ({
      key: about.attributes['salon.key'] ?? '',
      to: about.destinationIdentities?.[0] ?? '',
      parts,
      closed,
    }));
  }

  react(identity: string, emoji: string): void {
    this.world.say(identity, emoji, 'reaction');
  }

  caption(identity: string, text: string): void {
    this.world.spell(identity, [text], text, true);
  }

  record(on: boolean): void {
    this.world.record(on);
  }

  get messages(): string[] {
    return this.written.map(({ text }) => text);
  }

  get written(): Written[] {
    return this.#texts('lk.chat').map(({ text, attributes, destinationIdentities }) => ({
      key: attributes['salon.key'] ?? '',
      text,
      replyTo: attributes['salon.reply'],
      to: destinationIdentities?.[0],
      ...(attributes['salon.file'] !== undefined && {
        file: JSON.parse(attributes['salon.file']) as FileOffer,
      }),
    }));
  }

  get reactions(): string[] {
    return this.#sent('reaction');
  }

  get ownHand(): number | undefined {
    const { handRaised = '' } = this.world.room.localParticipant.attributes;
    return handRaised === '' ? undefined : Number(handRaised);
  }

  deafen(deaf: boolean): void {
    const never = Promise.reject(new Error('away'));
    never.catch(() => undefined);
    this.world.sending = deaf ? never : undefined;
  }

  sent(source: TrackSource): Sent {
    const { localParticipant, state } = this.world.room;
    const track = localParticipant.publications.get(SOURCES[source])?.track;
    const media = (track as { mediaStreamTrack?: MediaStreamTrack } | undefined)?.mediaStreamTrack;
    if (state !== ConnectionState.Connected || media?.readyState !== 'live') return 'nothing';
    return media.enabled ? 'live' : 'silence';
  }

  shown(element: HTMLVideoElement): Perceived<PictureSource> | undefined {
    const known = this.#tracks.find(({ track }) => track.elements.has(element));
    return known as Perceived<PictureSource> | undefined;
  }

  get heard(): Perceived[] {
    const audio = (element: HTMLMediaElement): boolean => element.localName === 'audio';
    return this.#tracks.filter(({ track }) => [...track.elements].some(audio));
  }

  async permit(sources: readonly TrackSource[], chat: boolean, hand = true): Promise<void> {
    this.world.permit({
      canPublish: sources.length > 0,
      canPublishSources: sources.map((source) => NUMBERS[source]),
      canPublishData: chat,
      canUpdateMetadata: hand,
    });
    await Promise.resolve();
  }

  readonly answers = [];
  readonly moderated = [];

  ask(): void {
    throw new Error('nobody can ask on LiveKit');
  }

  host(source: TrackSource, muted: boolean): Promise<void> {
    return this.world.host(SOURCES[source], muted);
  }

  interrupt(): void {
    this.world.interrupt();
  }

  mend(): void {
    this.world.mend();
  }

  breakOff(): void {
    this.world.end();
  }

  end(reason: keyof typeof ENDS): void {
    this.world.end(ENDS[reason]);
  }

  #texts(topic: string): World['texts'] {
    return this.world.texts.filter((each) => each.topic === topic);
  }

  #sent(topic: string): string[] {
    return this.world.sent.filter((each) => each.topic === topic).map(({ text }) => text);
  }
}
