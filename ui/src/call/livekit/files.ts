import type { ByteStreamReader, Room, TextStreamReader } from 'livekit-client';

import type { FileOffer, Files, FileWire, FileWord } from '../files';
import type { Scope } from '../scope';
import { KEY, textOf } from './signals';

/** Of text streams, for words about files, and of byte streams, for what is in them. */
const TOPIC = 'salon.file';
const KINDS: readonly FileWord['kind'][] = ['ask', 'stop', 'gone'];

/** Says something of a file to one, or to all. */
export async function sayOfFile(
  { localParticipant }: Room,
  { kind, key }: FileWord,
  to?: string,
): Promise<void> {
  await localParticipant.sendText(kind, {
    topic: TOPIC,
    attributes: { [KEY]: key },
    ...(to !== undefined && { destinationIdentities: [to] }),
  });
}

/** Begins to send a file to somebody. */
export function openFile(
  { localParticipant }: Room,
  key: string,
  { name, size, type }: FileOffer,
  to: string,
): ReturnType<FileWire['open']> {
  return localParticipant.streamBytes({
    topic: TOPIC,
    name,
    totalSize: size,
    ...(type !== '' && { mimeType: type }),
    attributes: { [KEY]: key },
    destinationIdentities: [to],
  });
}

/** Hears what the others say of files, and takes what was asked for. */
export function listenToFiles(room: Room, scope: Scope, files: Files): void {
  const said = (reader: TextStreamReader, { identity }: { readonly identity: string }): void => {
    const key = reader.info.attributes?.[KEY];
    void textOf(reader).then((text) => {
      const kind = KINDS.find((each) => each === text);
      if (kind !== undefined && key !== undefined && !scope.ended)
        files.heard({ kind, key }, identity);
    });
  };
  const sent = (reader: ByteStreamReader, { identity }: { readonly identity: string }): void => {
    void files.arrives(reader.info.attributes?.[KEY] ?? '', identity, reader);
  };
  room.registerTextStreamHandler(TOPIC, said);
  room.registerByteStreamHandler(TOPIC, sent);
  scope.add(() => {
    room.unregisterTextStreamHandler(TOPIC);
    room.unregisterByteStreamHandler(TOPIC);
  });
}
