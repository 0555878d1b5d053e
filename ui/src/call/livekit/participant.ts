import {
  ParticipantEvent,
  Track,
  type Participant as SdkParticipant,
  type TrackPublication,
} from 'livekit-client';

import { plainName } from '../../lib/plain';
import type { Participant, TrackView } from '../model';

/** Tracks of the local participant that are about to be published. */
export type OwnTracks = (role: 'microphone' | 'camera') => Track | undefined;

/** One function for each of the SDK's participants, so that a change of it means something. */
const cameras = new WeakMap<SdkParticipant, Participant['showCamera']>();

function cameraOf(sdk: SdkParticipant, own?: OwnTracks): Participant['showCamera'] {
  const known = cameras.get(sdk);
  if (known !== undefined) return known;
  const show: Participant['showCamera'] = (element) => showCamera(sdk, element, own);
  cameras.set(sdk, show);
  return show;
}

/** An immutable view of one of the SDK's participants. */
export function participantView(sdk: SdkParticipant, own?: OwnTracks): Participant {
  return {
    identity: sdk.identity,
    name: plainName(sdk.name ?? '', sdk.identity),
    local: sdk.isLocal,
    microphone: trackView(sdk, Track.Source.Microphone, own?.('microphone')),
    camera: trackView(sdk, Track.Source.Camera, own?.('camera')),
    speaking: sdk.isSpeaking,
    showCamera: cameraOf(sdk, own),
  };
}

function trackView(
  sdk: SdkParticipant,
  source: Track.Source,
  own: Track | undefined,
): TrackView | undefined {
  const publication = sdk.getTrackPublication(source);
  if (publication === undefined) return own && { muted: own.isMuted, paused: false };
  const paused = !sdk.isLocal && publication.track?.streamState === Track.StreamState.Paused;
  const unplayable = sdk.isLocal ? undefined : unplayableFormat(publication);
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

/**
 * Attaches the camera's present track and follows it when it is replaced, as it is by a device
 * change or a reconnection.
 */
function showCamera(
  sdk: SdkParticipant,
  element: HTMLVideoElement,
  own: OwnTracks | undefined,
): () => void {
  let shown: Track | undefined;
  const update = (): void => {
    const track = sdk.getTrackPublication(Track.Source.Camera)?.track ?? own?.('camera');
    if (track === shown) return;
    shown?.detach(element);
    track?.attach(element);
    shown = track;
  };
  const events = [
    ParticipantEvent.TrackSubscribed,
    ParticipantEvent.TrackUnsubscribed,
    ParticipantEvent.LocalTrackPublished,
    ParticipantEvent.LocalTrackUnpublished,
  ] as const;
  const listener = (): void => {
    update();
  };
  for (const event of events) sdk.on(event, listener);
  update();
  return () => {
    for (const event of events) sdk.off(event, listener);
    shown?.detach(element);
  };
}
