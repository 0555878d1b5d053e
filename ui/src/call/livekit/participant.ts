import { ParticipantEvent, Track, type Participant as SdkParticipant } from 'livekit-client';

import type { Participant, TrackView } from '../model';

/** One function for each of the SDK's participants, so that a change of it means something. */
const cameras = new WeakMap<SdkParticipant, Participant['showCamera']>();

function cameraOf(sdk: SdkParticipant): Participant['showCamera'] {
  const known = cameras.get(sdk);
  if (known !== undefined) return known;
  const show: Participant['showCamera'] = (element) => showCamera(sdk, element);
  cameras.set(sdk, show);
  return show;
}

/** An immutable view of one of the SDK's participants. */
export function participantView(sdk: SdkParticipant): Participant {
  return {
    identity: sdk.identity,
    name: sdk.name === undefined || sdk.name === '' ? sdk.identity : sdk.name,
    local: sdk.isLocal,
    microphone: trackView(sdk, Track.Source.Microphone),
    camera: trackView(sdk, Track.Source.Camera),
    speaking: sdk.isSpeaking,
    showCamera: cameraOf(sdk),
  };
}

function trackView(sdk: SdkParticipant, source: Track.Source): TrackView | undefined {
  const publication = sdk.getTrackPublication(source);
  if (publication === undefined) return undefined;
  const paused = !sdk.isLocal && publication.track?.streamState === Track.StreamState.Paused;
  return { muted: publication.isMuted, paused };
}

/**
 * Attaches the camera's present track and follows it when it is replaced, as it is by a device
 * change or a reconnection.
 */
function showCamera(sdk: SdkParticipant, element: HTMLVideoElement): () => void {
  let shown: Track | undefined;
  const update = (): void => {
    const track = sdk.getTrackPublication(Track.Source.Camera)?.track;
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
