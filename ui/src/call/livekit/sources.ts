/** Sources in the SDK's words. */
import { Track } from 'livekit-client';

import type { TrackSource } from '../model';

/** Our sources in the SDK's words. */
export const SDK_SOURCES = {
  microphone: Track.Source.Microphone,
  camera: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
  'screen-audio': Track.Source.ScreenShareAudio,
} as const satisfies Record<TrackSource, Track.Source>;
