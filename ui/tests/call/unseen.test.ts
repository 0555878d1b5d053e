// @vitest-environment jsdom
import { RemoteVideoTrack, TrackEvent } from 'livekit-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { leaveUnseen } from '../../src/call/livekit/presence';

/** A track of the SDK's own, as it makes them where it follows what is seen of them. */
function remote(): { track: RemoteVideoTrack; told: boolean[] } {
  const media = Object.assign(new EventTarget(), {
    kind: 'video',
    id: 'v',
    enabled: true,
    muted: false,
    readyState: 'live',
    getConstraints: () => ({}),
    getSettings: () => ({}),
  });
  const receiver = { getStats: () => Promise.resolve(new Map()) };
  const track = new RemoteVideoTrack(
    media as unknown as MediaStreamTrack,
    'TR_v',
    receiver as unknown as RTCRtpReceiver,
    {},
  );
  const told: boolean[] = [];
  // What it asks the server for follows this.
  track.on(TrackEvent.VisibilityChanged, (visible: boolean) => void told.push(visible));
  return { track, told };
}

class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

describe('a picture from LiveKit that nobody sees', () => {
  beforeEach(() => {
    vi.stubGlobal('ResizeObserver', NoObserver);
    vi.stubGlobal('IntersectionObserver', NoObserver);
  });

  it('is told to the server as such, though it was never shown', () => {
    const { track, told } = remote();
    expect(told).toEqual([]);
    leaveUnseen(track);
    expect(told).toEqual([false]);
  });

  it('is asked for once it is shown', () => {
    const { track, told } = remote();
    leaveUnseen(track);
    const video = document.createElement('video');
    track.observeElementInfo({
      element: video,
      visible: true,
      pictureInPicture: false,
      visibilityChangedAt: undefined,
      width: () => 320,
      height: () => 180,
      observe: () => undefined,
      stopObserving: () => undefined,
    });
    expect(told).toEqual([false, true]);
  });

  it('is left alone where it is shown already', () => {
    const { track, told } = remote();
    track.attachedElements.push(document.createElement('video'));
    leaveUnseen(track);
    expect(told).toEqual([]);
  });
});
