import {
  RoomEvent,
  type DataPacket_Kind,
  type RemoteParticipant,
  type Room,
  type TextStreamReader,
} from 'livekit-client';

import { LONGEST_MESSAGE, type Written } from '../chat';
import { offerOf, type FileOffer } from '../files';
import { Pace } from '../pace';
import { emojiOf, REACTIONS } from '../reactions';
import type { Scope } from '../scope';

/** Of text streams: LiveKit's own components write there, too. */
const CHAT_TOPIC = 'lk.chat';
/** Of packets, where those components wrote before there were text streams. */
const FORMER_CHAT_TOPIC = 'lk-chat-topic';
/** What we say of a message: its key, the key of what it answers, that nobody else gets it, and a file. */
export const KEY = 'salon.key';
const [REPLY, PRIVATE, FILE] = ['salon.reply', 'salon.private', 'salon.file'] as const;
export const REACTION_TOPIC = 'reaction';

interface Sender {
  readonly identity: string;
  readonly name: string;
}

interface About {
  readonly key: string | undefined;
  readonly replyTo?: string | undefined;
  readonly private?: boolean;
  readonly file?: FileOffer | undefined;
}

/** What comes through a room beside its tracks. */
interface Heard {
  message(from: Sender, text: string, about: About): void;
  reaction(from: RemoteParticipant, emoji: string): void;
  recording(on: boolean): void;
}

/** Brings a message to the others, or rejects. */
export async function sayMessage(
  { localParticipant }: Room,
  { key, text, replyTo, to, file }: Written,
): Promise<void> {
  await localParticipant.sendText(text, {
    topic: CHAT_TOPIC,
    attributes: {
      [KEY]: key,
      ...(replyTo !== undefined && { [REPLY]: replyTo }),
      ...(to !== undefined && { [PRIVATE]: '1' }),
      ...(file !== undefined && { [FILE]: JSON.stringify(file) }),
    },
    ...(to !== undefined && { destinationIdentities: [to] }),
  });
}

/** Hears what the others and the server say, no faster than can be shown. */
export function listenToSignals(room: Room, scope: Scope, heard: Heard): void {
  const reactions = new Pace(REACTIONS.burst, REACTIONS.period);
  const data = (
    payload: Uint8Array,
    from?: RemoteParticipant,
    _kind?: DataPacket_Kind,
    topic?: string,
  ): void => {
    if (from === undefined) return;
    if (topic === FORMER_CHAT_TOPIC) {
      const former = formerMessage(payload);
      if (former !== undefined) heard.message(senderOf(from), former.text, { key: former.key });
    }
    if (topic !== REACTION_TOPIC || payload.length > 64) return;
    const emoji = emojiOf(new TextDecoder().decode(payload));
    if (emoji !== undefined && reactions.take(from.identity)) heard.reaction(from, emoji);
  };
  const written = (reader: TextStreamReader, { identity }: { readonly identity: string }): void => {
    const { id, attributes = {} } = reader.info;
    const about = {
      key: attributes[KEY] ?? id,
      replyTo: attributes[REPLY],
      private: attributes[PRIVATE] !== undefined,
      file: offerOf(attributes[FILE]),
    };
    const from = senderOf(room.remoteParticipants.get(identity) ?? { identity });
    void textOf(reader).then((text) => {
      if (text !== undefined && !scope.ended) heard.message(from, text, about);
    });
  };
  const recording = (on: boolean): void => heard.recording(on);
  room.registerTextStreamHandler(CHAT_TOPIC, written);
  room.on(RoomEvent.DataReceived, data);
  room.on(RoomEvent.RecordingStatusChanged, recording);
  scope.add(() => {
    room.unregisterTextStreamHandler(CHAT_TOPIC);
    room.off(RoomEvent.DataReceived, data);
    room.off(RoomEvent.RecordingStatusChanged, recording);
  });
}

const senderOf = ({ identity, name = '' }: { identity: string; name?: string }): Sender => ({
  identity,
  name,
});

/**
 * As much of it as one message can have, and a little more, so that it can be seen to be longer; undefined:
 * it broke off. It is read to its end all the same: what nobody reads, the SDK keeps.
 */
export async function textOf(reader: TextStreamReader): Promise<string | undefined> {
  let text = '';
  try {
    for await (const part of reader)
      if (text.length <= LONGEST_MESSAGE) text += part.slice(0, LONGEST_MESSAGE + 1);
    return text;
  } catch {
    return undefined;
  }
}

/** What came as JSON; undefined: it is none, or comes as a text stream as well. */
function formerMessage(payload: Uint8Array): { text: string; key: string | undefined } | undefined {
  // JSON has up to six characters for one.
  if (payload.length > 6 * LONGEST_MESSAGE) return undefined;
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof said !== 'object' || said === null || !('message' in said)) return undefined;
    if ('ignoreLegacy' in said && said.ignoreLegacy === true) return undefined;
    const key = 'id' in said && typeof said.id === 'string' ? said.id : undefined;
    return typeof said.message === 'string' ? { text: said.message, key } : undefined;
  } catch {
    return undefined;
  }
}
