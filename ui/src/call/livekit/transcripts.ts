import {
  RoomEvent,
  type Participant as SdkParticipant,
  type Room,
  type TextStreamReader,
  type TranscriptionSegment,
} from 'livekit-client';

import { LONGEST_CAPTION, type Spoken } from '../captions';
import type { Scope } from '../scope';

/** Of text streams with what was said: one for each text of a segment, or one that grows with it. */
const TOPIC = 'lk.transcription';
const [SEGMENT, FINAL] = ['lk.segment_id', 'lk.transcription_final'] as const;

/** Where it is told what was said. */
interface Heard {
  heard(spoken: Spoken): void;
  /** What was not final comes another way from now on. */
  withdraw(identity: string, segment: string): void;
}

/**
 * Hears what transcribers say that somebody said: as text streams, of which the server says whose they are,
 * and as the packets from before there were any. Many transcribers send both, under different names: of whoever
 * is written down by streams, packets say nothing new.
 */
export function listenToTranscripts(room: Room, scope: Scope, captions: Heard): void {
  const streamed = new Set<string>();
  /** The segment of each speaker that packets have not ended yet. */
  const open = new Map<string, string>();
  const speaker = (identity: string): Pick<Spoken, 'identity' | 'name' | 'local'> => {
    const local = room.localParticipant.identity === identity;
    const of = local ? room.localParticipant : room.remoteParticipants.get(identity);
    return { identity, name: of?.name ?? '', local };
  };
  const packets = (segments: TranscriptionSegment[], from?: SdkParticipant): void => {
    if (from === undefined || streamed.has(from.identity)) return;
    for (const { id, text, final } of segments) {
      captions.heard({ ...speaker(from.identity), segment: id, text, final });
      if (!final) open.set(from.identity, id);
    }
  };
  const stream = (reader: TextStreamReader, { identity }: { readonly identity: string }): void => {
    const before = open.get(identity);
    if (before !== undefined) captions.withdraw(identity, before);
    open.delete(identity);
    streamed.add(identity);
    const { id, attributes = {} } = reader.info;
    const segment = attributes[SEGMENT] ?? id;
    void follow(reader, (text, ended) => {
      if (scope.ended) return;
      // What ends says anew whether it is final; where nobody says so, what has ended is.
      const said = reader.info.attributes?.[FINAL];
      const final = ended && (said === undefined || said === 'true');
      captions.heard({ ...speaker(identity), segment, text, final });
    });
  };
  room.registerTextStreamHandler(TOPIC, stream);
  room.on(RoomEvent.TranscriptionReceived, packets);
  scope.add(() => {
    room.unregisterTextStreamHandler(TOPIC);
    room.off(RoomEvent.TranscriptionReceived, packets);
  });
}

/**
 * Tells the text so far with each part, as much of it as is shown, and that it has ended. It is read to its end
 * all the same: what nobody reads, the SDK keeps.
 */
async function follow(
  reader: TextStreamReader,
  tell: (text: string, ended: boolean) => void,
): Promise<void> {
  let text = '';
  try {
    for await (const part of reader) {
      if (text.length > LONGEST_CAPTION) continue;
      text += part.slice(0, LONGEST_CAPTION + 1);
      tell(text, false);
    }
    tell(text, true);
  } catch {
    // It broke off: what has come of it stays.
  }
}
