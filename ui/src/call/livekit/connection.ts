import { Room, RoomEvent, VideoPreset } from 'livekit-client';

/** Below the camera's own size; at its frame rate, where the SDK's presets have 20 a second. */
const LAYERS = [new VideoPreset(320, 180, 180_000, 30), new VideoPreset(640, 360, 500_000, 30)];

/** After any of these somebody in the room may look different. */
export const CHANGES = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.ConnectionQualityChanged,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackStreamStateChanged,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.ActiveSpeakersChanged,
] as const;

export function newRoom(): Room {
  return new Room({
    adaptiveStream: true,
    dynacast: true,
    // A reconnection publishes the same tracks again.
    stopLocalTrackOnUnpublish: false,
    disconnectOnPageLeave: true,
    webAudioMix: false,
    publishDefaults: {
      simulcast: true,
      videoCodec: 'vp8',
      videoEncoding: { maxBitrate: 1_700_000, maxFramerate: 30 },
      // How many pictures it really is follows from what the user shares it as.
      screenShareEncoding: { maxBitrate: 3_000_000, maxFramerate: 30 },
      videoSimulcastLayers: LAYERS,
      dtx: true,
      red: true,
    },
  });
}
