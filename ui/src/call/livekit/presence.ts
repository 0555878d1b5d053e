import {
  ConnectionQuality as SdkQuality,
  Track,
  type LocalParticipant,
  RemoteTrack,
  type RemoteParticipant,
  type RemoteVideoTrack,
  type TrackPublication,
} from 'livekit-client';

import { loudnessOf } from '../heard';
import { plainName } from '../plain';
import type { ConnectionQuality, PictureSize, TrackSource, TrackView } from '../model';
import type { Picture } from '../person';
import type { Presence } from '../roster';
import { SOURCES } from '../sources';
import { SDK_SOURCES } from './sources';

type ElementInfo = Parameters<RemoteVideoTrack['observeElementInfo']>[0];
type SdkParticipant = LocalParticipant | RemoteParticipant;

/** The attribute that says when a hand was raised: milliseconds since 1970. */
export const HAND = 'handRaised';

/** As the room has somebody else now. */
export function presenceOf(sdk: RemoteParticipant): Presence {
  const tracks: Partial<Record<TrackSource, TrackView>> = {};
  for (const source of SOURCES) {
    const publication = sdk.getTrackPublication(SDK_SOURCES[source]);
    if (publication !== undefined) tracks[source] = trackView(publication);
  }
  const camera = pictureOf(sdk, 'camera');
  const screen = pictureOf(sdk, 'screen');
  const pictures = { ...(camera && { camera }), ...(screen && { screen }) };
  const loudness = (): number | undefined =>
    loudnessOf(receiverOf(sdk.getTrackPublication(SDK_SOURCES.microphone)?.track));
  return { ...knownOf(sdk), tracks, pictures, loudness };
}

const receiverOf = (track: Track | undefined): RTCRtpReceiver | undefined =>
  track instanceof RemoteTrack ? track.receiver : undefined;

/** What one's own devices have no part in. */
export function knownOf(sdk: SdkParticipant): Omit<Presence, 'tracks' | 'pictures'> {
  return {
    connection: sdk.sid,
    identity: sdk.identity,
    name: plainName(sdk.name ?? '', sdk.identity),
    speaking: sdk.isSpeaking,
    level: sdk.audioLevel,
    quality: qualities[sdk.connectionQuality],
    handRaised: handOf(sdk.attributes[HAND]),
  };
}

const qualities: Readonly<Record<SdkQuality, ConnectionQuality>> = {
  [SdkQuality.Excellent]: 'excellent',
  [SdkQuality.Good]: 'good',
  [SdkQuality.Poor]: 'poor',
  [SdkQuality.Lost]: 'lost',
  [SdkQuality.Unknown]: 'unknown',
};

/** Whatever else others write there is no raised hand. */
function handOf(attribute: string | undefined): number | undefined {
  return attribute !== undefined && /^\d{1,15}$/.test(attribute) ? Number(attribute) : undefined;
}

function trackView(publication: TrackPublication): TrackView {
  const paused = publication.track?.streamState === Track.StreamState.Paused;
  const unplayable = unplayableFormat(publication);
  return {
    muted: publication.isMuted,
    paused,
    ...(unplayable !== undefined && { unplayable }),
  };
}

/** The format of a remote track if a receiver here knows none of those that it comes in. */
function unplayableFormat({ kind, mimeType, trackInfo }: TrackPublication): string | undefined {
  if (kind !== Track.Kind.Video || !('RTCRtpReceiver' in globalThis)) return undefined;
  const capabilities = RTCRtpReceiver.getCapabilities('video');
  if (capabilities === null) return undefined;
  const known = new Set(capabilities.codecs.map((codec) => codec.mimeType.toLowerCase()));
  const sent = [mimeType ?? '', ...(trackInfo?.codecs ?? []).map((codec) => codec.mimeType)].filter(
    (each) => each !== '',
  );
  if (sent.length === 0 || sent.some((each) => known.has(each.toLowerCase()))) return undefined;
  return sent[0]?.split('/').at(-1);
}

/** One for each of the SDK's tracks, so that another one means another track. */
const pictures = new WeakMap<Track, Picture>();

function pictureOf(sdk: RemoteParticipant, source: 'camera' | 'screen'): Picture | undefined {
  const track = sdk.getTrackPublication(SDK_SOURCES[source])?.track;
  if (track === undefined) return undefined;
  const known = pictures.get(track);
  if (known !== undefined) return known;
  const picture = remotePicture(track);
  pictures.set(track, picture);
  return picture;
}

/** The SDK asks the server for a picture as large as the largest element that it is shown in. */
function remotePicture(track: Track): Picture {
  return {
    show(element, first) {
      let sized: SizedElement | undefined;
      const attach = (size: PictureSize | undefined): void => {
        // Without a size the SDK looks at the element's own.
        sized = size && isSized(track) ? new SizedElement(element, size) : undefined;
        if (sized !== undefined && isSized(track)) track.observeElementInfo(sized);
        track.attach(element);
      };
      attach(first);
      return {
        resize(size) {
          if (sized !== undefined && size !== undefined) sized.resize(size);
          else if (sized !== undefined || size !== undefined) {
            track.detach(element);
            attach(size);
          }
        },
        end: () => void track.detach(element),
      };
    },
  };
}

/**
 * Asks the server for nothing of a picture that is not shown anywhere. Of one that never was, the SDK
 * would say nothing, and the server sends a small one until it is told.
 */
export function leaveUnseen(track: Track): void {
  if (!isSized(track) || track.attachedElements.length > 0) return;
  const nowhere: ElementInfo = {
    element: {},
    visible: false,
    pictureInPicture: false,
    visibilityChangedAt: undefined,
    width: () => 0,
    height: () => 0,
    observe: () => undefined,
    stopObserving: () => undefined,
  };
  track.observeElementInfo(nowhere);
  track.stopObservingElementInfo(nowhere);
}

const isSized = (track: Track): track is RemoteVideoTrack => 'observeElementInfo' in track;

/** An element that counts as large as it was said to be. */
class SizedElement {
  readonly visible = true;
  readonly pictureInPicture = false;
  readonly visibilityChangedAt = undefined;
  handleResize?: () => void;
  handleVisibilityChanged?: () => void;

  constructor(
    readonly element: HTMLVideoElement,
    private size: PictureSize,
  ) {}

  resize(size: PictureSize): void {
    this.size = size;
    this.handleResize?.();
  }

  width(): number {
    return this.size.width / density();
  }

  height(): number {
    return this.size.height / density();
  }

  observe(): void {
    // Its owner says when it is another size.
  }

  stopObserving(): void {
    // As above.
  }
}

/** What the SDK multiplies sizes by. */
const density = (): number => (devicePixelRatio > 2 ? 2 : 1);
