import {
  RoomEvent,
  type DataPacket_Kind,
  type Participant as SdkParticipant,
  type RemoteParticipant,
  type Room,
  type TranscriptionSegment,
} from 'livekit-client';

import { plainText } from '../plain';
import { Pace } from '../pace';
import { emojiOf, REACTIONS } from '../reactions';
import type { Scope } from '../scope';

export const CHAT_TOPIC = 'chat';
export const REACTION_TOPIC = 'reaction';

/** Characters of a caption that are told. */
const LONGEST_CAPTION = 1_000;
const CAPTIONS = { burst: 10, period: 500 } as const;

/** What comes through a room beside its tracks. */
interface Heard {
  message(from: RemoteParticipant, payload: Uint8Array): void;
  reaction(from: RemoteParticipant, emoji: string): void;
  caption(from: SdkParticipant | undefined, text: string): void;
  recording(on: boolean): void;
}

/** Hears what the others and the server say, no faster than can be shown. */
export function listenToSignals(room: Room, scope: Scope, heard: Heard): void {
  const reactions = new Pace(REACTIONS.burst, REACTIONS.period);
  const captions = new Pace(CAPTIONS.burst, CAPTIONS.period);
  const data = (
    payload: Uint8Array,
    from?: RemoteParticipant,
    _kind?: DataPacket_Kind,
    topic?: string,
  ): void => {
    if (from === undefined) return;
    if (topic === CHAT_TOPIC) heard.message(from, payload);
    if (topic !== REACTION_TOPIC || payload.length > 64) return;
    const emoji = emojiOf(new TextDecoder().decode(payload));
    if (emoji !== undefined && reactions.take(from.identity)) heard.reaction(from, emoji);
  };
  const transcription = (segments: TranscriptionSegment[], from?: SdkParticipant): void => {
    for (const { text, final } of segments) {
      // What is not final comes again.
      if (!final || !captions.take(from?.identity ?? '')) continue;
      heard.caption(from, plainText(text.slice(0, LONGEST_CAPTION)));
    }
  };
  const recording = (on: boolean): void => heard.recording(on);
  room.on(RoomEvent.DataReceived, data);
  room.on(RoomEvent.TranscriptionReceived, transcription);
  room.on(RoomEvent.RecordingStatusChanged, recording);
  scope.add(() => {
    room.off(RoomEvent.DataReceived, data);
    room.off(RoomEvent.TranscriptionReceived, transcription);
    room.off(RoomEvent.RecordingStatusChanged, recording);
  });
}
