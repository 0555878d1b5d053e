import { plainName } from '../plain';
import type { ConnectionQuality, PictureSource, TrackSource, TrackView } from '../model';
import type { Picture } from '../person';
import type { Presence } from '../roster';
import { SOURCES } from '../sources';
import { sourceOf, TRACK_TYPES, type SdkCall, type SdkParticipant } from './sdk';

const QUALITIES: readonly ConnectionQuality[] = ['unknown', 'poor', 'good', 'excellent'];

/** Muting takes a track back here: of those that were seen once it is known that they are muted. */
export class Seen {
  readonly #sources = new Map<string, Set<TrackSource>>();

  /** What of one user was ever published that is muted rather than gone. */
  of(identity: string, published: readonly number[]): ReadonlySet<TrackSource> {
    const seen = this.#sources.get(identity) ?? new Set();
    for (const source of ['microphone', 'camera'] as const)
      if (published.includes(TRACK_TYPES[source])) seen.add(source);
    this.#sources.set(identity, seen);
    return seen;
  }
}

/** As the SDK has somebody else now. */
export function presenceOf(
  sdk: SdkCall,
  participant: SdkParticipant,
  seen: Seen,
  handRaised: number | undefined,
): Presence {
  const { sessionId, publishedTracks, pausedTracks, userId } = participant;
  const before = seen.of(userId, publishedTracks);
  const tracks: Partial<Record<TrackSource, TrackView>> = {};
  const pictures: Partial<Record<PictureSource, Picture>> = {};
  for (const source of SOURCES) {
    const type = TRACK_TYPES[source];
    const published = publishedTracks.includes(type);
    if (published) tracks[source] = { muted: false, paused: pausedTracks?.includes(type) ?? false };
    else if (before.has(source)) tracks[source] = { muted: true, paused: false };
    if (published && (source === 'camera' || source === 'screen'))
      pictures[source] = pictureOf(sdk, sessionId, source);
  }
  return { ...knownOf(participant), handRaised, tracks, pictures };
}

/** What one's own devices and switches have no part in. */
export function knownOf(
  participant: SdkParticipant,
): Omit<Presence, 'tracks' | 'pictures' | 'handRaised'> {
  const { sessionId, userId, name, isSpeaking, audioLevel, connectionQuality } = participant;
  return {
    connection: sessionId,
    identity: userId,
    name: plainName(name, userId),
    speaking: isSpeaking,
    level: audioLevel,
    quality: QUALITIES[connectionQuality] ?? 'unknown',
  };
}

/** What arrives of somebody, with what it is. */
export function streamsOf(
  participant: SdkParticipant,
): readonly (readonly [source: TrackSource, stream: MediaStream])[] {
  const streams = {
    1: participant.audioStream,
    2: participant.videoStream,
    3: participant.screenShareStream,
    4: participant.screenShareAudioStream,
  };
  return Object.entries(streams).flatMap(([type, stream]) => {
    const source = sourceOf(Number(type));
    return stream === undefined || source === undefined ? [] : [[source, stream] as const];
  });
}

/** One for each connection and source. */
const pictures = new WeakMap<SdkCall, Map<string, Picture>>();

function pictureOf(sdk: SdkCall, sessionId: string, source: PictureSource): Picture {
  const all = pictures.get(sdk) ?? new Map<string, Picture>();
  pictures.set(sdk, all);
  const key = `${source} ${sessionId}`;
  const known = all.get(key);
  if (known !== undefined) return known;
  const picture = remotePicture(sdk, sessionId, source);
  all.set(key, picture);
  return picture;
}

/** The SDK asks the media server for a picture as large as the element, while that is to be seen. */
function remotePicture(sdk: SdkCall, sessionId: string, source: PictureSource): Picture {
  return {
    show(element, first) {
      const type = source === 'camera' ? 'videoTrack' : 'screenShareTrack';
      const unbind = onceSized(element, () => sdk.bindVideoElement(element, sessionId, type));
      // Only cameras come in several sizes.
      const prefer = (size: typeof first): void => {
        if (source === 'camera') sdk.setPreferredIncomingVideoResolution(size, [sessionId]);
      };
      if (first !== undefined) prefer(first);
      let preferred = first !== undefined;
      return {
        resize(size) {
          if (size !== undefined || preferred) prefer(size);
          preferred = size !== undefined;
        },
        end() {
          if (preferred) prefer(undefined);
          unbind();
          element.srcObject = null;
        },
      };
    },
  };
}

/**
 * The SDK asks for no picture for an element without a size, and looks at it again only when it
 * changes after it was laid out for the first time.
 */
function onceSized(element: HTMLElement, bind: () => (() => void) | undefined): () => void {
  let unbind: (() => void) | undefined;
  const sized = (): boolean => element.clientWidth > 0 && element.clientHeight > 0;
  if (sized()) {
    unbind = bind();
    return () => unbind?.();
  }
  const observer = new ResizeObserver(() => {
    if (!sized()) return;
    observer.disconnect();
    unbind = bind();
  });
  observer.observe(element);
  return () => {
    observer.disconnect();
    unbind?.();
  };
}
