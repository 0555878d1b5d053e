/** Binary messages of the wire, see `src/wire/binary.rs`. Numbers are big-endian. */

const DATA = 1;
const PICTURE = 2;
const RAW_PICTURE = 3;
const DATA_HEADER = 6;
const PICTURE_HEADER = 24;
const RAW_PICTURE_HEADER = 24;

/** Codec of an encoded picture. */
export type PictureCodec = 'vp8' | 'vp9' | 'h264' | 'av1';
const CODECS: readonly PictureCodec[] = ['vp8', 'vp9', 'h264', 'av1'];

/** An encoded picture of a remote track, whole. */
export interface Picture {
  type: 'picture';
  track: number;
  keyFrame: boolean;
  codec: PictureCodec;
  /** 90 kHz, wraps at 32 bits. */
  rtpTimestamp: number;
  /** Counts the pictures of the track; a gap means that some were not sent. */
  counter: number;
  /** Arrival of its last packet, Unix milliseconds. */
  arrival: number;
  data: Uint8Array<ArrayBuffer>;
}

/** An uncompressed picture of a local track: I420 planes without padding. */
export interface RawPicture {
  type: 'raw';
  track: number;
  /** Pixels, even. */
  width: number;
  /** Pixels, even. */
  height: number;
  counter: number;
  /** Unix milliseconds. */
  capture: number;
  data: Uint8Array<ArrayBuffer>;
}

/** A message of a data channel. */
export interface DataMessage {
  type: 'data';
  channel: number;
  data: string | ArrayBuffer;
}

/** Any binary message to the page. */
export type BinaryMessage = Picture | RawPicture | DataMessage;

/** Reads a message of the host; undefined if it is none. */
export function decodeBinary(buffer: ArrayBuffer): BinaryMessage | undefined {
  if (buffer.byteLength < DATA_HEADER) return undefined;
  const view = new DataView(buffer);
  switch (view.getUint8(0)) {
    case DATA: {
      const binary = view.getUint8(5) === 1;
      return {
        type: 'data',
        channel: view.getUint32(1),
        data: binary
          ? buffer.slice(DATA_HEADER)
          : new TextDecoder().decode(new Uint8Array(buffer, DATA_HEADER)),
      };
    }
    case PICTURE: {
      const codec = CODECS[view.getUint8(2)];
      if (buffer.byteLength <= PICTURE_HEADER || codec === undefined) return undefined;
      return {
        type: 'picture',
        keyFrame: (view.getUint8(1) & 1) === 1,
        codec,
        track: view.getUint32(4),
        rtpTimestamp: view.getUint32(8),
        counter: view.getUint32(12),
        arrival: view.getFloat64(16),
        data: new Uint8Array(buffer, PICTURE_HEADER),
      };
    }
    case RAW_PICTURE: {
      if (buffer.byteLength < RAW_PICTURE_HEADER) return undefined;
      const width = view.getUint16(2);
      const height = view.getUint16(4);
      const size = (width * height * 3) / 2;
      if (size === 0 || buffer.byteLength !== RAW_PICTURE_HEADER + size) return undefined;
      return {
        type: 'raw',
        width,
        height,
        track: view.getUint32(8),
        counter: view.getUint32(12),
        capture: view.getFloat64(16),
        data: new Uint8Array(buffer, RAW_PICTURE_HEADER),
      };
    }
    default:
      return undefined;
  }
}

/** The bytes of a data-channel message of the page. */
export function encodeData(channel: number, payload: Uint8Array, binary: boolean): ArrayBuffer {
  const message = new Uint8Array(DATA_HEADER + payload.byteLength);
  const view = new DataView(message.buffer);
  view.setUint8(0, DATA);
  view.setUint32(1, channel);
  view.setUint8(5, binary ? 1 : 0);
  message.set(payload, DATA_HEADER);
  return message.buffer;
}
