// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { install } from '../src/install';
import type { Opened } from '../src/wire';
import { makePage } from './page';

const endpoint = vi.fn(() => new Promise<Opened>(() => undefined));

beforeEach(() => {
  makePage();
  install(window, endpoint);
});
afterEach(() => {
  vi.clearAllMocks();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(window, 'RTCPeerConnection');
});

const names = (kind: string, side: 'RTCRtpSender' | 'RTCRtpReceiver'): string[] | undefined =>
  window[side].getCapabilities(kind)?.codecs.map(({ mimeType }) => mimeType);

describe('a page', () => {
  it('that uses nothing of WebRTC opens no connection to the host', () => {
    expect(RTCPeerConnection).toBeDefined();
    expect(endpoint).not.toHaveBeenCalled();
  });

  it('knows at once, and without asking, what can be sent and received', () => {
    expect(names('audio', 'RTCRtpSender')).toEqual(['audio/opus', 'audio/red']);
    expect(names('video', 'RTCRtpSender')).toEqual(['video/VP8', 'video/rtx']);
    expect(names('video', 'RTCRtpReceiver')).toContain('video/VP9');
    expect(RTCRtpSender.getCapabilities('text')).toBeNull();
    expect(endpoint).not.toHaveBeenCalled();
  });

  it('that waits for devices to come is told of them', () => {
    navigator.mediaDevices.ondevicechange = () => undefined;
    navigator.mediaDevices.addEventListener('devicechange', () => undefined);
    expect(endpoint).toHaveBeenCalledOnce();
  });

  it('has the webview load its decoders as soon as it is connected, while the host is at work', async () => {
    const sockets: FakeSocket[] = [];
    class FakeSocket {
      onopen?: () => void;
      constructor() {
        sockets.push(this);
      }
      send(): void {}
    }
    const configured = vi.fn();
    class Decoder {
      configure = configured;
      close(): void {}
    }
    vi.stubGlobal('WebSocket', FakeSocket);
    vi.stubGlobal('VideoDecoder', Decoder);
    endpoint.mockResolvedValueOnce({ url: 'ws://host.invalid/', secret: 'secret' });
    navigator.mediaDevices.ondevicechange = () => undefined;
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    expect(configured).not.toHaveBeenCalled();
    sockets[0]?.onopen?.();
    expect(configured).toHaveBeenCalledOnce();
  });
});
